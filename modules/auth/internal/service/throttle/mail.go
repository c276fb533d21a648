package throttle

import "context"

// AllowMail counts the links that a client asks for, for any account and for this one.
func (g *Guard) AllowMail(ctx context.Context, account, client string) error {
	if err := g.count(ctx, g.limits.MailRequests, key("mail-client", client)); err != nil {
		return err
	}
	return g.count(ctx, g.limits.Pair, key("mail-pair", account, client))
}

// MailDue protects a mailbox from being filled by strangers. It is no refusal that anybody sees: the owner has the links
// of the mails before, and a stranger learns nothing.
func (g *Guard) MailDue(ctx context.Context, account string) bool {
	n, _ := g.add(ctx, g.limits.Mails, key("mail-account", account))
	return n <= g.limits.Mails.Count
}
