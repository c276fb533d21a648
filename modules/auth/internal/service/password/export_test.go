package password

// Hold takes a slot as a hash in flight would.
func (h *Hasher) Hold() (release func()) {
	h.slots <- struct{}{}
	return func() { <-h.slots }
}
