package presenter

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"github.com/fiapx/fiapx/modules/auth/internal/domain"
	"github.com/fiapx/fiapx/platform/authn"
	"github.com/fiapx/fiapx/platform/httpserver"
)

// CreateAPIKey makes a key and shows it, this once.
func (p *Presenter) CreateAPIKey(c echo.Context) error {
	who, err := actor(c, nil)
	if err != nil {
		return err
	}
	in, err := decode[CreateAPIKeyRequest](c)
	if err != nil {
		return err
	}
	scopes := make([]string, len(in.Scopes))
	for i, s := range in.Scopes {
		scopes[i] = string(s)
	}
	key, secret, err := p.do.CreateAPIKey(c.Request().Context(), who, domain.NewAPIKey{
		Name: in.Name, Scopes: scopes, Expires: in.ExpiresAt, Password: in.CurrentPassword,
	})
	if err != nil {
		return err
	}
	noStore(c)
	out := CreateAPIKeyResponse{Success: true, Message: "API key created; it is not shown again", Timestamp: p.timestamp()}
	out.Data.Key, out.Data.ApiKey = secret, apiKey(key)
	return httpserver.JSON(c, http.StatusCreated, out)
}

// ListAPIKeys shows the caller's keys, without the keys themselves.
func (p *Presenter) ListAPIKeys(c echo.Context) error {
	who, err := actor(c, nil)
	if err != nil {
		return err
	}
	keys, err := p.do.ListAPIKeys(c.Request().Context(), who)
	if err != nil {
		return err
	}
	noStore(c)
	out := APIKeysResponse{Success: true, Message: "API keys retrieved successfully", Timestamp: p.timestamp()}
	out.Data.ApiKeys = make([]APIKey, len(keys))
	for i, k := range keys {
		out.Data.ApiKeys[i] = apiKey(k)
	}
	return httpserver.JSON(c, http.StatusOK, out)
}

// RevokeAPIKey ends one of the caller's keys.
func (p *Presenter) RevokeAPIKey(c echo.Context, id string) error {
	who, err := actor(c, nil)
	if err != nil {
		return err
	}
	if err := p.do.RevokeAPIKey(c.Request().Context(), who, id); err != nil {
		return err
	}
	return p.revoked(c, "API key revoked", 1)
}

// RevokeAPIKeys ends all of the caller's keys.
func (p *Presenter) RevokeAPIKeys(c echo.Context) error {
	who, err := actor(c, nil)
	if err != nil {
		return err
	}
	n, err := p.do.RevokeAPIKeys(c.Request().Context(), who)
	if err != nil {
		return err
	}
	return p.revoked(c, "API keys revoked", n)
}

// ExchangeKey makes an access token of the key that the request carries.
func (p *Presenter) ExchangeKey(c echo.Context) error {
	key, err := authn.Credential(c.Request())
	if err != nil {
		return authn.Challenge(c, err)
	}
	grant, err := p.do.Exchange(c.Request().Context(), key)
	if err != nil {
		return authn.Challenge(c, err)
	}
	noStore(c)
	return httpserver.JSON(c, http.StatusOK, ExchangeResponse{
		Success: true, Message: "Access token issued", Timestamp: p.timestamp(),
		Data: ExchangeData{
			AccessToken: grant.AccessToken, TokenType: bearer, ExpiresIn: int(grant.Life.Seconds()), Scope: domain.JoinScopes(grant.Scopes),
		},
	})
}

func apiKey(k domain.APIKey) APIKey {
	out := APIKey{Id: k.ID, Name: k.Name, Hint: k.Hint, Scopes: make([]Scope, len(k.Scopes)), CreatedAt: utc(k.CreatedAt)}
	for i, s := range k.Scopes {
		out.Scopes[i] = Scope(s)
	}
	if k.ExpiresAt != nil {
		out.ExpiresAt = new(utc(*k.ExpiresAt))
	}
	if k.LastUsedAt != nil {
		out.LastUsedAt = new(utc(*k.LastUsedAt))
	}
	return out
}
