// Package domain holds what is true about accounts and sessions whatever stores or serves them: who may register under
// which name, which passwords are refused, how a refresh token begets its successor. It does no I/O and signs nothing.
package domain
