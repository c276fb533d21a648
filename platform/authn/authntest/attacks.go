package authntest

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"crypto/sha512"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"hash"
	"maps"
	"math/big"
	"slices"
	"strings"
	"time"

	"github.com/lestrrat-go/jwx/v2/jwa"
	"github.com/lestrrat-go/jwx/v2/jwk"
)

// Attack is a token that no verifier may accept.
type Attack struct {
	Name   string
	Source string // where it is described or happened
	Token  string
	// Code is the fault that the verifier must answer with; most forgeries are auth.token_invalid, so that a forger learns
	// nothing of which check failed.
	Code string
	// Header is false for what cannot stand in an Authorization header, and so cannot be tried over HTTP.
	Header bool
}

// Target is what a verifier of the test trusts, and the moment it takes for now.
type Target struct {
	Issuer Issuer // its key is published, EdDSA
	Other  Issuer // this one's too, ES256
	Body   Fields // the claims of a good token at Now
	Now    time.Time
}

const invalid = "auth.token_invalid"

// Attacks lists them by name.
func Attacks(target Target) []Attack {
	a := &attacks{Target: target, stranger: NewIssuer(target.Issuer.T, jwa.EdDSA, target.Issuer.Private.KeyID())}
	a.good = a.Issuer.Token(a.Issuer.Header(), a.Body)
	a.part = strings.Split(a.good, ".")
	for _, group := range []func() map[string]source{a.algorithms, a.keys, a.headers, a.claims, a.times, a.forms, a.objects} {
		for name, s := range group() {
			a.list = append(a.list, s.attack(name))
		}
	}
	slices.SortFunc(a.list, func(x, y Attack) int { return strings.Compare(x.Name, y.Name) })
	return a.list
}

type attacks struct {
	Target
	stranger Issuer
	good     string
	part     []string
	list     []Attack
}

// source is a token and where the idea comes from.
type source struct{ token, from string }

func (s source) attack(name string) Attack {
	code := invalid
	if strings.HasPrefix(name, "expired") {
		code = "auth.token_expired"
	}
	printable := s.token != "" && !strings.ContainsAny(s.token, "\r\n\t {}\",:[]")
	return Attack{Name: name, Source: s.from, Token: s.token, Code: code, Header: printable}
}

// signed is a token of the trusted key, changed before it was signed: only the check in question can refuse it.
func (a *attacks) signed(header, body Fields) string { return a.Issuer.Token(header, body) }

func (a *attacks) unsigned(header Fields, signature string) string {
	return B64(header.JSON()) + "." + a.part[1] + "." + signature
}

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
