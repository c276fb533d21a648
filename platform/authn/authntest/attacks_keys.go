package authntest

import (
	"crypto/elliptic"
	"crypto/hmac"
	"crypto/sha256"
	"crypto/sha512"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"hash"
	"math/big"
	"strings"

	"github.com/lestrrat-go/jwx/v2/jwk"
)

func (a *attacks) algorithms() map[string]source {
	h := a.Issuer.Header()
	const none, confusion = "RFC 8725 2.1, 3.1; CVE-2015-9235", "RFC 8725 2.1, 3.2; CVE-2016-5431, CVE-2022-29217"
	all := map[string]source{
		"alg none":                    {a.unsigned(h.But("alg", "none"), ""), none},
		"alg none, signature left":    {a.unsigned(h.But("alg", "none"), a.part[2]), none},
		"alg None":                    {a.unsigned(h.But("alg", "None"), a.part[2]), none + "; CVE-2020-28042"},
		"alg nOnE, no signature":      {a.unsigned(h.But("alg", "nOnE"), ""), none},
		"alg missing":                 {a.signed(h.But("alg", nil), a.Body), "RFC 7515 4.1.1"},
		"alg empty":                   {a.signed(h.But("alg", ""), a.Body), "RFC 7515 4.1.1"},
		"alg null":                    {a.Issuer.Sign([]byte(strings.Replace(string(h.JSON()), `"EdDSA"`, "null", 1)), a.Body.JSON()), "RFC 7515 4.1.1"},
		"alg in lower case":           {a.signed(h.But("alg", "eddsa"), a.Body), "RFC 7515 4.1.1: names are case-sensitive"},
		"alg of another key":          {a.signed(h.But("alg", "ES256"), a.Body), "RFC 8725 3.1"},
		"alg ES256, signature zeros":  {a.Other.zeros(a.Body), "CVE-2022-21449 (psychic signatures)"},
		"alg EdDSA, signature zeros":  {a.Issuer.zeros(a.Body), "CVE-2022-21449, its relative"},
		"alg ES256, s negated, r = n": {a.outOfRange(), "SEC 1 4.1.4; CVE-2022-21449"},
	}
	for name, secret := range a.publicForms() {
		all["HS256 by public key, "+name] = source{a.mac("HS256", sha256.New, secret), confusion}
	}
	all["HS512 by public key"] = source{a.mac("HS512", sha512.New, a.publicForms()["raw"]), confusion}
	all["HS256 by an empty secret"] = source{a.mac("HS256", sha256.New, nil), "RFC 8725 3.5; CVE-2019-20933"}
	return all
}

// publicForms are the ways to read a public key as a secret.
func (a *attacks) publicForms() map[string][]byte {
	var raw any
	must(a.Issuer.T, a.Issuer.Public.Raw(&raw))
	der, err := x509.MarshalPKIXPublicKey(raw)
	must(a.Issuer.T, err)
	asJSON, err := json.Marshal(a.Issuer.Public)
	must(a.Issuer.T, err)
	return map[string][]byte{
		"raw": der[len(der)-32:], "DER": der, "JWK": asJSON,
		"PEM": pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der}),
	}
}

func (a *attacks) mac(alg string, hash func() hash.Hash, secret []byte) string {
	signing := B64(a.Issuer.Header().But("alg", alg).JSON()) + "." + a.part[1]
	mac := hmac.New(hash, secret)
	mac.Write([]byte(signing))
	return signing + "." + B64(mac.Sum(nil))
}

func (i Issuer) zeros(body Fields) string {
	return B64(i.Header().JSON()) + "." + B64(body.JSON()) + "." + B64(make([]byte, 64))
}

// outOfRange is an ECDSA signature whose r is the order of the curve, which is zero to whoever forgets to check.
func (a *attacks) outOfRange() string {
	n := elliptic.P256().Params().N
	signature := append(n.FillBytes(make([]byte, 32)), big.NewInt(1).FillBytes(make([]byte, 32))...)
	return B64(a.Other.Header().JSON()) + "." + a.part[1] + "." + B64(signature)
}

func (a *attacks) keys() map[string]source {
	h, them := a.Issuer.Header(), a.stranger
	const inject, header = "RFC 8725 3.10; CVE-2018-0114", "RFC 8725 3.10 (server-side request forgery)"
	own := h.But("kid", "stranger")
	all := map[string]source{
		"foreign key, our kid":        {them.Token(h, a.Body), "RFC 8725 3.2"},
		"foreign key, own kid":        {them.Token(own, a.Body), "RFC 8725 3.10"},
		"kid of another trusted key":  {a.signed(h.But("kid", a.Other.Private.KeyID()), a.Body), "RFC 8725 3.1: one algorithm a key"},
		"kid missing":                 {a.signed(h.But("kid", nil), a.Body), "RFC 8725 3.10"},
		"kid empty":                   {a.signed(h.But("kid", ""), a.Body), "RFC 8725 3.10"},
		"kid missing, embedded jwk":   {them.Token(h.But("kid", nil).But("jwk", them.Public), a.Body), inject},
		"embedded jwk":                {them.Token(h.But("jwk", them.Public), a.Body), inject},
		"embedded jwk, own kid":       {them.Token(own.But("jwk", them.Public), a.Body), inject},
		"embedded private jwk":        {them.Token(own.But("jwk", them.Private), a.Body), inject},
		"embedded symmetric jwk":      {a.symmetric(), inject},
		"jku":                         {them.Token(own.But("jku", "http://127.0.0.1:1/keys"), a.Body), header},
		"jku of our own address":      {them.Token(own.But("jku", "http://auth:8000/.well-known/jwks.json"), a.Body), header},
		"x5u":                         {them.Token(own.But("x5u", "https://evil.example/cert"), a.Body), header},
		"x5c":                         {them.Token(own.But("x5c", []string{"MIIB"}), a.Body), header},
		"kid is a list":               {a.signed(h.But("kid", []string{"k1"}), a.Body), "RFC 7515 4.1.4"},
		"kid is a number":             {a.signed(h.But("kid", 1), a.Body), "RFC 7515 4.1.4"},
		"kid with a null byte":        {a.signed(h.But("kid", "k1\x00"), a.Body), "RFC 8725 3.10"},
		"kid very long":               {a.signed(h.But("kid", strings.Repeat("k", 4<<10)), a.Body), "ASVS 9.1.3"},
		"kid just over the limit":     {a.signed(h.But("kid", strings.Repeat("k", 129)), a.Body), "ASVS 9.1.3"},
		"kid ours but for its case":   {a.signed(h.But("kid", swapCase(a.Issuer.Private.KeyID())), a.Body), "RFC 7515 4.1.4: case-sensitive"},
		"kid ours with white space":   {a.signed(h.But("kid", a.Issuer.Private.KeyID()+" "), a.Body), "RFC 7515 4.1.4"},
		"signature of another header": {B64(h.But("x", 1).JSON()) + "." + a.part[1] + "." + a.part[2], "RFC 7515 5.2"},
	}
	for name, kid := range map[string]string{
		"path": "../../../../dev/null", "SQL": "x' UNION SELECT 'secret' --", "command": "|sleep 10", "URL": "http://evil.example/key", "template": "{{7*7}}",
	} {
		all["kid injection, "+name] = source{a.signed(h.But("kid", kid), a.Body), "RFC 8725 3.10; CVE-2019-13990 class"}
	}
	return all
}

func swapCase(s string) string {
	if up := strings.ToUpper(s); up != s {
		return up
	}
	return strings.ToLower(s)
}

func (a *attacks) symmetric() string {
	secret := []byte("a secret that the attacker brought along")
	key, err := jwk.FromRaw(secret)
	must(a.Issuer.T, err)
	signing := B64(a.Issuer.Header().But("alg", "HS256").But("jwk", key).JSON()) + "." + a.part[1]
	mac := hmac.New(sha256.New, secret)
	mac.Write([]byte(signing))
	return signing + "." + B64(mac.Sum(nil))
}

func (a *attacks) headers() map[string]source {
	h := a.Issuer.Header()
	body := a.Body.JSON()
	raw := strings.TrimPrefix(string(h.JSON()), "{")
	const twice = "RFC 7515 4: names must be unique; RFC 8725 2.4"
	return map[string]source{
		"typ missing":             {a.signed(h.But("typ", nil), a.Body), "RFC 9068 4; RFC 8725 3.11"},
		"typ JWT":                 {a.signed(h.But("typ", "JWT"), a.Body), "RFC 9068 4; RFC 8725 3.11"},
		"typ of an ID token":      {a.signed(h.But("typ", "id_token+jwt"), a.Body), "RFC 8725 2.8, 3.12"},
		"typ of a logout token":   {a.signed(h.But("typ", "logout+jwt"), a.Body), "RFC 8725 2.8, 3.12"},
		"typ is a list":           {a.signed(h.But("typ", []string{"at+jwt"}), a.Body), "RFC 7515 4.1.9"},
		"crit unknown":            {a.signed(h.But("crit", []string{"exp2"}).But("exp2", 1), a.Body), "RFC 7515 4.1.11"},
		"crit empty":              {a.signed(h.But("crit", []string{}), a.Body), "RFC 7515 4.1.11"},
		"b64 false":               {a.signed(h.But("crit", []string{"b64"}).But("b64", false), a.Body), "RFC 7797 6"},
		"b64 false without crit":  {a.signed(h.But("b64", false), a.Body), "RFC 7797 6"},
		"alg twice, none first":   {a.Issuer.Sign([]byte(`{"alg":"none",`+raw), body), twice},
		"alg twice, none last":    {a.Issuer.Sign([]byte(`{`+strings.TrimSuffix(raw, "}")+`,"alg":"none"}`), body), twice},
		"alg twice by case":       {a.Issuer.Sign([]byte(`{"ALG":"none",`+raw), body), twice},
		"kid twice":               {a.Issuer.Sign([]byte(`{"kid":"stranger",`+raw), body), twice},
		"typ twice":               {a.Issuer.Sign([]byte(`{"typ":"JWT",`+raw), body), twice},
		"header is a list":        {a.Issuer.Sign([]byte(`["EdDSA"]`), body), "RFC 7519 7.2"},
		"header is empty":         {a.Issuer.Sign([]byte(`{}`), body), "RFC 7519 7.2"},
		"header is no JSON":       {a.Issuer.Sign([]byte(`alg=EdDSA`), body), "RFC 7519 7.2"},
		"header with a tail":      {a.Issuer.Sign(append(h.JSON(), `{}`...), body), "RFC 7519 7.2"},
		"header in UTF-16":        {a.Issuer.Sign([]byte("{\x00\"\x00a\x00l\x00g\x00"), body), "RFC 8725 2.6, 3.7"},
		"header nested deep":      {a.Issuer.Sign([]byte(strings.Repeat(`{"a":`, 1000)+"1"+strings.Repeat("}", 1000)), body), "CWE-674"},
		"cty of a nested token":   {a.signed(h.But("cty", "JWT").But("typ", nil), a.Body), "RFC 7519 5.2"},
		"encrypted token (JWE)":   {B64([]byte(`{"alg":"dir","enc":"A128GCM","kid":"k1"}`)) + "..AAAA.AAAA.AAAA", "RFC 8725 3.11"},
		"compressed header claim": {a.signed(h.But("typ", nil).But("zip", "DEF"), a.Body), "RFC 8725 2.2; CVE-2023-49294 class"},
	}
}
