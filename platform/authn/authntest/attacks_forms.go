package authntest

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"maps"
	"math/big"
	"slices"
	"strings"
)

func (a *attacks) edit(from, to string) []byte {
	return []byte(strings.Replace(string(a.Body.JSON()), from, to, 1))
}

func (a *attacks) forms() map[string]source {
	p := a.part
	const compact, malleable = "RFC 7515 7.1", "RFC 4648 3.5, 12; CVE-2024-51744 class: one token, several spellings"
	return map[string]source{
		"empty":                        {"", compact},
		"dots":                         {"..", compact},
		"garbage":                      {"abc", compact},
		"two parts":                    {p[0] + "." + p[1], compact},
		"four parts":                   {a.good + ".x", compact},
		"five parts":                   {a.good + ".x.y", compact},
		"a dot behind":                 {a.good + ".", compact},
		"a line break behind":          {a.good + "\n", malleable},
		"a line break inside":          {p[0] + "." + p[1][:8] + "\n" + p[1][8:] + "." + p[2], malleable},
		"a carriage return inside":     {p[0] + "." + p[1] + "." + p[2][:8] + "\r" + p[2][8:], malleable},
		"a space before":               {" " + a.good, compact},
		"padding in the header":        {pad(p[0]) + "." + p[1] + "." + p[2], malleable},
		"padding in the body":          {p[0] + "." + pad(p[1]) + "." + p[2], malleable},
		"padding in the signature":     {p[0] + "." + p[1] + "." + p[2] + "==", malleable},
		"spare bits in the signature":  {p[0] + "." + p[1] + "." + spareBits(p[2]), malleable},
		"plain base64 alphabet":        {p[0] + "." + p[1] + "." + a.plainAlphabet(), malleable},
		"signature cut":                {p[0] + "." + p[1] + "." + p[2][:40], "RFC 7515 5.2"},
		"signature cut by a byte":      {p[0] + "." + p[1] + "." + B64(decode(p[2])[:63]), "RFC 8032 5.1.7"},
		"signature with a tail":        {p[0] + "." + p[1] + "." + B64(append(decode(p[2]), 0)), "RFC 8032 5.1.7"},
		"signature absent":             {p[0] + "." + p[1] + ".", "RFC 7515 5.2; CVE-2020-28637 class"},
		"signature with s + L":         {p[0] + "." + p[1] + "." + B64(plusOrder(decode(p[2]))), "RFC 8032 5.1.7, 8.4 (malleability)"},
		"signature in DER":             {a.derSignature(), "RFC 7518 3.4"},
		"JSON serialisation":           {`{"payload":"` + p[1] + `","protected":"` + p[0] + `","signature":"` + p[2] + `"}`, "RFC 7515 7.2"},
		"JSON with several signatures": {`{"payload":"` + p[1] + `","signatures":[{"protected":"` + p[0] + `","signature":"` + p[2] + `"}]}`, "RFC 7515 7.2; CVE-2024-21319 class"},
		"detached payload":             {p[0] + ".." + p[2], "RFC 7515 appendix F"},
		"oversized by a claim":         {a.signed(a.Issuer.Header(), a.Body.But("pad", strings.Repeat("x", 8<<10))), "CWE-400; ASVS 9.1.3"},
		"oversized by the header":      {a.signed(a.Issuer.Header().But("pad", strings.Repeat("x", 8<<10)), a.Body), "CWE-400"},
		"oversized by the signature":   {a.good + strings.Repeat("A", 9<<10), "CWE-400"},
	}
}

func decode(part string) []byte {
	data, err := base64.RawURLEncoding.DecodeString(part)
	if err != nil {
		panic(err)
	}
	return data
}

// pad adds padding where there would be some, and one character where there would be none.
func pad(part string) string {
	if n := len(part) % 4; n != 0 {
		return part + strings.Repeat("=", 4-n)
	}
	return part + "="
}

// spareBits sets bits of the last character that decode to nothing.
func spareBits(part string) string {
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
	last := strings.IndexByte(alphabet, part[len(part)-1])
	return part[:len(part)-1] + string(alphabet[last|1])
}

// plainAlphabet is a good signature in the other base64 alphabet, of a token whose signature shows the difference.
func (a *attacks) plainAlphabet() string {
	plain := base64.RawStdEncoding.EncodeToString(decode(a.part[2]))
	if plain == a.part[2] { // one signature in some 15 has neither - nor _
		return plain + "+"
	}
	return plain
}

// plusOrder adds the order of the group to the s of an Ed25519 signature; it verifies where nobody checks the range.
func plusOrder(signature []byte) []byte {
	order, _ := new(big.Int).SetString("1000000000000000000000000000000014def9dea2f79cd65812631a5cf5d3ed", 16)
	s := new(big.Int).SetBytes(reversed(signature[32:]))
	return append(slices.Clone(signature[:32]), reversed(s.Add(s, order).FillBytes(make([]byte, 32)))...)
}

func reversed(b []byte) []byte {
	c := slices.Clone(b)
	slices.Reverse(c)
	return c
}

// derSignature is good but for its form: JWS wants r and s side by side.
func (a *attacks) derSignature() string {
	var raw ecdsa.PrivateKey
	must(a.Issuer.T, a.Other.Private.Raw(&raw))
	signing := B64(a.Other.Header().JSON()) + "." + a.part[1]
	digest := sha256.Sum256([]byte(signing))
	der, err := ecdsa.SignASN1(rand.Reader, &raw, digest[:])
	must(a.Issuer.T, err)
	return signing + "." + B64(der)
}

func (a *attacks) objects() map[string]source {
	h, raw := a.Issuer.Header().JSON(), string(a.Body.JSON())
	sub := text(a.Body["sub"])
	const twice = "RFC 7519 4; RFC 8725 2.4; JSON interoperability (Bishop Fox 2021)"
	first := func(prefix string) string {
		return a.Issuer.Sign(h, []byte(strings.Replace(raw, "{", "{"+prefix+",", 1)))
	}
	last := func(suffix string) string {
		return a.Issuer.Sign(h, []byte(strings.TrimSuffix(raw, "}")+","+suffix+"}"))
	}
	all := map[string]source{
		"sub twice, first":        {first(`"sub":"admin"`), twice},
		"sub twice, last":         {last(`"sub":"admin"`), twice},
		"sub twice, the same":     {last(`"sub":"` + sub + `"`), twice},
		"sub twice by case":       {last(`"SUB":"admin"`), twice},
		"sub twice by an escape":  {last(`"s\u0075b":"admin"`), twice},
		"aud twice":               {first(`"aud":"other"`), twice},
		"sid twice by Kelvin":     {last(`"ſid":"other"`), "CWE-178: the long s folds to s"},
		"exp twice":               {first(`"exp":1`), twice},
		"exp twice, longer":       {last(`"exp":99999999999`), twice},
		"roles twice":             {last(`"roles":["admin"]`), twice},
		"type twice":              {first(`"type":"refresh"`), twice},
		"claims with a tail":      {a.Issuer.Sign(h, []byte(raw+"{}")), "RFC 7519 7.2"},
		"claims with a comment":   {a.Issuer.Sign(h, []byte(strings.Replace(raw, "{", "{/**/", 1))), "RFC 8259"},
		"claims cut":              {a.Issuer.Sign(h, bytes.TrimRight(a.Body.JSON(), "}")), "RFC 8259"},
		"claims nested deep, cut": {a.Issuer.Sign(h, []byte(strings.Replace(raw, "{", `{"x":`+strings.Repeat("[", 3000)+strings.Repeat("]", 2000)+",", 1))), "CWE-674"},
		"claims with a BOM":       {a.Issuer.Sign(h, append([]byte("\xef\xbb\xbf"), raw...)), "RFC 8259 8.1"},
		"roles are an object":     {a.Issuer.Sign(h, a.edit(`"roles":`, `"roles":{},"r":`)), "RFC 7519 4"},
		"claims all in one value": {a.signed(a.Issuer.Header(), Fields{"claims": maps.Clone(a.Body)}), "RFC 7519 4"},
	}
	return all
}
