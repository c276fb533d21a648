package authntest

import (
	"time"
)

func (a *attacks) claims() map[string]source {
	h, b := a.Issuer.Header(), a.Body
	const binding, types, absent = "RFC 8725 3.8, 3.9", "RFC 8725 2.8, 3.12; ASVS 9.2.2", "RFC 9068 2.2"
	all := map[string]source{
		"iss of somebody else":     {a.signed(h, b.But("iss", "them")), binding},
		"iss with white space":     {a.signed(h, b.But("iss", " "+text(b["iss"]))), binding},
		"iss is a list":            {a.signed(h, b.But("iss", []any{b["iss"]})), binding},
		"aud of another service":   {a.signed(h, b.But("aud", "other")), binding},
		"aud others only":          {a.signed(h, b.But("aud", []string{"a", "b"})), binding},
		"aud empty list":           {a.signed(h, b.But("aud", []string{})), binding},
		"aud is an object":         {a.signed(h, b.But("aud", Fields{"a": b["aud"]})), binding},
		"aud is a prefix of ours":  {a.signed(h, b.But("aud", text(b["aud"])[:2])), binding},
		"refresh used as access":   {a.signed(h, b.But("type", "refresh").But("token_type", "refresh")), types},
		"type missing":             {a.signed(h, b.But("type", nil)), types},
		"type is a list":           {a.signed(h, b.But("type", []string{"access"})), types},
		"sub empty":                {a.signed(h, b.But("sub", "")), absent},
		"sub is a number":          {a.signed(h, b.But("sub", 1)), "RFC 7519 4.1.2"},
		"sub is an object":         {a.signed(h, b.But("sub", Fields{"$ne": ""})), "OWASP WSTG-INPV-05.6 (NoSQL injection)"},
		"payload swapped":          {a.part[0] + "." + B64(b.But("sub", "admin").JSON()) + "." + a.part[2], "RFC 7515 5.2"},
		"claims are a list":        {a.Issuer.Sign(h.JSON(), []byte(`[1]`)), "RFC 7519 7.2"},
		"claims are a string":      {a.Issuer.Sign(h.JSON(), []byte(`"x"`)), "RFC 7519 7.2"},
		"claims are empty":         {a.Issuer.Sign(h.JSON(), []byte(`{}`)), absent},
		"claims are nothing":       {a.Issuer.Sign(h.JSON(), nil), "RFC 7519 7.2"},
		"claims nested as a token": {a.Issuer.Sign(h.JSON(), []byte(a.good)), "RFC 8725 3.11 (nested JWT)"},
	}
	for _, name := range []string{"iss", "aud", "sub", "jti", "sid"} {
		all[name+" missing"] = source{a.signed(h, b.But(name, nil)), absent}
	}
	return all
}

func text(v any) string { s, _ := v.(string); return s }

func (a *attacks) times() map[string]source {
	h, b := a.Issuer.Header(), a.Body
	at := func(d time.Duration) int64 { return a.Now.Add(d).Unix() }
	const dates, ranges = "RFC 7519 4.1.4-4.1.6; ASVS 9.2.1", "RFC 7519 2 (NumericDate)"
	return map[string]source{
		"expired a second ago":      {a.signed(h, b.But("iat", at(-16*time.Minute)).But("exp", at(-time.Second))), dates},
		"expired just now":          {a.signed(h, b.But("iat", at(-15*time.Minute)).But("exp", at(0))), dates},
		"expired in 1970":           {a.signed(h, b.But("exp", 1)), dates},
		"not yet valid":             {a.signed(h, b.But("nbf", at(32*time.Second))), dates},
		"issued in the future":      {a.signed(h, b.But("iat", at(32*time.Second))), dates},
		"exp missing":               {a.signed(h, b.But("exp", nil)), "RFC 9068 2.2; jwx accepts its absence by default"},
		"iat missing":               {a.signed(h, b.But("iat", nil)), "RFC 9068 2.2; jwx accepts its absence by default"},
		"exp is text":               {a.signed(h, b.But("exp", "9999999999")), ranges},
		"exp is negative":           {a.signed(h, b.But("exp", -1)), ranges},
		"exp is enormous":           {a.signed(h, b.But("exp", 1e300)), ranges},
		"exp overflows an int64":    {a.Issuer.Sign(h.JSON(), a.edit(`"exp":`, `"exp":1844674407370955161`)), ranges},
		"exp is null":               {a.Issuer.Sign(h.JSON(), a.edit(`"exp":`, `"exp":null,"exq":`)), ranges},
		"exp is true":               {a.signed(h, b.But("exp", true)), ranges},
		"exp is a list":             {a.signed(h, b.But("exp", []any{b["exp"]})), ranges},
		"exp under another letter":  {a.signed(h, b.But("exp", nil).But("ехр", b["exp"])), "CWE-1007 (homoglyph)"},
		"nbf far away, exp farther": {a.signed(h, b.But("nbf", at(time.Hour)).But("exp", at(2*time.Hour))), dates},
	}
}
