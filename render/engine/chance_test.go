package engine_test

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"maps"
	"regexp"
	"strings"
	"testing"

	"golang.org/x/crypto/bcrypt"
)

// chancy uses every function that helm leaves to chance, to the clock or to a
// key generator, a line each.
const chancy = `randAlphaNum: {{ randAlphaNum 16 }}
randAlpha: {{ randAlpha 16 }}
randNumeric: {{ randNumeric 16 }}
randAscii: {{ randAscii 16 | b64enc }}
randBytes: {{ randBytes 16 }}
randInt: {{ randInt 1000 2000 }}
shuffle: {{ shuffle "abcdefghijklmnop" }}
uuidv4: {{ uuidv4 }}
bcrypt: {{ bcrypt "secret" }}
htpasswd: {{ htpasswd "me" "secret" }}
encryptAES: {{ encryptAES "key" "text" }}
genPrivateKey: {{ genPrivateKey "rsa" | b64enc }}{{ genPrivateKey "dsa" | b64enc }}{{ genPrivateKey "ecdsa" | b64enc }}{{ genPrivateKey "ed25519" | b64enc }}
{{- $ca := genCA "ca" 365 }}
genCA: {{ $ca.Cert | b64enc }}
{{- $ec := genCAWithKey "ca" 365 (genPrivateKey "ecdsa") }}
genCAWithKey: {{ $ec.Cert | b64enc }}
genSelfSignedCert: {{ (genSelfSignedCert "me" (list "10.0.0.1") (list "a.example.com") 30).Cert | b64enc }}
genSelfSignedCertWithKey: {{ (genSelfSignedCertWithKey "me" nil nil 30 (genPrivateKey "ed25519")).Cert | b64enc }}
genSignedCert: {{ (genSignedCert "me" nil (list "a.example.com") 30 $ca).Cert | b64enc }}
genSignedCertWithKey: {{ (genSignedCertWithKey "me" nil nil 30 $ec (genPrivateKey "ecdsa")).Cert | b64enc }}
now: {{ now }} {{ now | unixEpoch }} {{ date "2006-01-02" now }} {{ date "2006-01-02" "no date" }} {{ htmlDate nil }} {{ htmlDateInZone nil "UTC" }} {{ dateInZone "15:04" nil "UTC" }} {{ date_in_zone "15:04" nil "UTC" }}
ago: {{ ago 0 }} {{ ago (toDate "2006" "2020") }} {{ ago now }} {{ ago "x" }} {{ durationRound (toDate "2006" "2020") }}
keys: {{ keys (dict "c" 1 "a" 2 "b" 3 "d" 4 "e" 5) (dict "a" 1) }}
values: {{ values (dict "c" 1 "a" 2 "b" 3 "d" 4 "e" 5) }}
config: {{ (.Files.Glob "**/same").AsConfig }}
`

func TestTwoRendersAreIdentical(t *testing.T) {
	text := "-- a/same --\n1\n-- b/same --\n2\n-- templates/x.yaml --\n" + chancy
	first, err := render(t, text)
	if err != nil {
		t.Fatal(err)
	}
	for range 3 {
		if again, err := render(t, text); err != nil || !maps.Equal(first, again) {
			t.Fatalf("%v\n%s\nafter\n%s", err, again["app/templates/x.yaml"], first["app/templates/x.yaml"])
		}
	}
	out := first["app/templates/x.yaml"]
	for _, want := range []string{"keys: [a b c d e a]", "values: [2 3 1 4 5]", "same: |\n  2", "now: 2026-01-01", "1767225600", " 0s 0s 6y"} {
		if !strings.Contains(out, want) {
			t.Errorf("%q is not in\n%s", want, out)
		}
	}
}

func TestFormsAreKept(t *testing.T) {
	for template, form := range map[string]string{
		`{{ randAlphaNum 40 }}`:                          `^[a-z][0-9][A-Z][a-zA-Z0-9]{37}$`,
		`{{ randAlphaNum 0 }}`:                           `^$`,
		`{{ randAlphaNum -1 }}`:                          `^$`,
		`{{ randAlphaNum 1 }}`:                           `^[a-z]$`,
		`{{ randAlpha 7 }}`:                              `^[a-zA-Z]{7}$`,
		`{{ randNumeric 9 }}`:                            `^[1-9][0-9]{8}$`,
		`{{ randAscii 33 }}`:                             `^[ -~]{33}$`,
		`{{ randBytes 10 | b64dec | len }}`:              `^10$`,
		`{{ randInt 5 6 }}`:                              `^5$`,
		`{{ shuffle "aaé" | len }}`:                      `^4$`,
		`{{ uuidv4 }}`:                                   `^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`,
		`{{ htpasswd "u" "p" }}`:                         `^u:\$2a\$10\$[./A-Za-z0-9]{53}$`,
		`{{ htpasswd "u:v" "p" }}`:                       `^invalid username: u:v$`,
		`{{ bcrypt (repeat 73 "x") }}`:                   `exceeds 72 bytes$`,
		`{{ encryptAES "k" "a text" | decryptAES "k" }}`: `^a text$`,
		`{{ genPrivateKey "none" }}`:                     `^Unknown type none$`,
		`{{ ne (randAlphaNum 8) (randAlphaNum 8) }} {{ ne uuidv4 uuidv4 }}`: `^true true$`,
	} {
		out, err := one(t, template)
		if err != nil || !regexp.MustCompile(form).MatchString(out) {
			t.Errorf("%s is %q, %v, want %s", template, out, err, form)
		}
	}
	hash, err := one(t, `{{ bcrypt "p" }}`)
	if _, costErr := bcrypt.Cost([]byte(hash)); err != nil || costErr != nil {
		t.Errorf("%q: %v, %v", hash, err, costErr)
	}
}

// TestAChangeElsewhereDrawsNothingElse: what a chart draws in one file, or of
// one form, does not depend on what it draws in another.
func TestAChangeElsewhereDrawsNothingElse(t *testing.T) {
	const file = "-- templates/b.yaml --\n{{ randAlphaNum 8 }} {{ include \"p\" . }}\n-- templates/_p.tpl --\n{{ define \"p\" }}{{ randAlphaNum 8 }}{{ end }}\n"
	base, err := render(t, file)
	if err != nil {
		t.Fatal(err)
	}
	head, err := render(t, "-- templates/c.yaml --\n{{ randAlphaNum 8 }}{{ include \"p\" . }}\n"+strings.Replace(file, "\n{{", "\n{{ $x := randAlphaNum 9 }}{{", 1))
	if err != nil {
		t.Fatal(err)
	}
	const name = "app/templates/b.yaml"
	if base[name] != head[name] || len(strings.Fields(base[name])) != 2 {
		t.Errorf("%q became %q", base[name], head[name])
	}
}

func TestCertificatesAreWhatWasAskedFor(t *testing.T) {
	out, err := one(t, `{{ $ca := genCA "the CA" 365 }}{{ $c := genSignedCert "me" (list "10.0.0.1") (list "a.example.com") 30 $ca -}}
{{ $ca.Cert }}{{ $c.Cert }}{{ $c.Key }}{{ (buildCustomCert ($c.Cert | b64enc) ($c.Key | b64enc)).Cert }}`)
	if err != nil {
		t.Fatal(err)
	}
	var certs []*x509.Certificate
	var pair [][]byte
	for rest := []byte(out); ; {
		var block *pem.Block
		if block, rest = pem.Decode(rest); block == nil {
			break
		}
		pair = append(pair, pem.EncodeToMemory(block))
		if block.Type == "CERTIFICATE" {
			cert, err := x509.ParseCertificate(block.Bytes)
			if err != nil {
				t.Fatal(err)
			}
			certs = append(certs, cert)
		}
	}
	if len(certs) != 3 || len(pair) != 4 || !certs[1].Equal(certs[2]) {
		t.Fatalf("%d certificates in\n%s", len(certs), out)
	}
	if _, err := tls.X509KeyPair(pair[1], pair[2]); err != nil {
		t.Error(err)
	}
	roots := x509.NewCertPool()
	roots.AddCert(certs[0])
	at := certs[1].NotBefore.AddDate(0, 0, 29)
	if _, err := certs[1].Verify(x509.VerifyOptions{Roots: roots, DNSName: "a.example.com", CurrentTime: at}); err != nil {
		t.Error(err)
	}
	if certs[1].Subject.CommonName != "me" || certs[1].IPAddresses[0].String() != "10.0.0.1" || !certs[0].IsCA {
		t.Errorf("%v, %v, CA %v", certs[1].Subject, certs[1].IPAddresses, certs[0].IsCA)
	}
	for template, want := range map[string]string{
		`{{ genSelfSignedCert "x" (list "nope") nil 1 }}`:                        "error parsing ip: nope",
		`{{ genSelfSignedCert "x" nil (list 1) 1 }}`:                             "error processing alternate dns name: 1 is not a string",
		`{{ genCAWithKey "x" 1 "no key" }}`:                                      "parsing private key: no PEM data in input",
		`{{ genCAWithKey "x" 1 (genPrivateKey "dsa") }}`:                         "DSA keys sign no certificates",
		`{{ buildCustomCert "!" "" }}`:                                           "unable to decode base64 certificate",
		`{{ buildCustomCert (b64enc "x") "" }}`:                                  "unable to decode certificate",
		`{{ $c := genCA "x" 1 }}{{ buildCustomCert ($c.Cert | b64enc) "eA==" }}`: "error parsing private key: no PEM data in input",
	} {
		if _, err := one(t, template); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %s", template, err, want)
		}
	}
}
