package engine

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"net"
	"strings"
	"text/template"
	"time"
)

// certificate is what sprig's functions return and take.
type certificate struct {
	Cert string
	Key  string
}

// certificates are the functions that make keys and certificates. The keys are
// constants, since making one costs more than rendering a chart; the
// certificates are real ones for them, with the names, addresses, lifetime and
// issuer that the template asked for.
func (r *run) certificates() template.FuncMap {
	own := func() (crypto.Signer, error) { return x509.ParsePKCS1PrivateKey(decoded(rsa2048)) }
	return template.FuncMap{
		"genPrivateKey":   func(kind string) string { return r.told(privateKey(kind)) },
		"buildCustomCert": customCertificate,
		"genCA": func(name string, days int) (certificate, error) {
			key, err := own()
			return r.keyTold(r.authority("genCA", name, days, key, err))
		},
		"genCAWithKey": func(name string, days int, key string) (certificate, error) {
			signer, err := parseKey(key)
			return r.authority("genCAWithKey", name, days, signer, reading(err))
		},
		"genSelfSignedCert": func(name string, ips, hosts []any, days int) (certificate, error) {
			key, err := own()
			return r.keyTold(r.issue("genSelfSignedCert", name, ips, hosts, days, nil, key, err))
		},
		"genSelfSignedCertWithKey": func(name string, ips, hosts []any, days int, key string) (certificate, error) {
			signer, err := parseKey(key)
			return r.issue("genSelfSignedCertWithKey", name, ips, hosts, days, nil, signer, reading(err))
		},
		"genSignedCert": func(name string, ips, hosts []any, days int, ca certificate) (certificate, error) {
			key, err := own()
			return r.keyTold(r.issue("genSignedCert", name, ips, hosts, days, &ca, key, err))
		},
		"genSignedCertWithKey": func(name string, ips, hosts []any, days int, ca certificate, key string) (certificate, error) {
			signer, err := parseKey(key)
			return r.issue("genSignedCertWithKey", name, ips, hosts, days, &ca, signer, reading(err))
		},
	}
}

// keyTold passes on the key of a certificate that was made with one of ours.
func (r *run) keyTold(c certificate, err error) (certificate, error) {
	if err == nil {
		r.told(c.Key)
	}
	return c, err
}

func reading(err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("parsing private key: %w", err)
}

func privateKey(kind string) string {
	switch kind {
	case "", "rsa":
		return armour("RSA PRIVATE KEY", decoded(rsa4096))
	case "dsa":
		return armour("DSA PRIVATE KEY", decoded(dsa2048))
	case "ecdsa":
		return armour("EC PRIVATE KEY", decoded(ecdsa256))
	case "ed25519":
		return armour("PRIVATE KEY", decoded(ed25519Key))
	}
	return "Unknown type " + kind
}

func armour(kind string, der []byte) string {
	return string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}))
}

// decoded reads a constant of keys.go.
func decoded(text string) []byte {
	der, err := base64.StdEncoding.DecodeString(strings.ReplaceAll(text, "\n", ""))
	if err != nil {
		panic(err)
	}
	return der
}

func (r *run) authority(function, name string, days int, key crypto.Signer, err error) (certificate, error) {
	if err != nil {
		return certificate{}, err
	}
	form, err := r.form(function, name, nil, nil, days)
	if err != nil {
		return certificate{}, err
	}
	form.IsCA = true
	form.KeyUsage |= x509.KeyUsageCertSign
	return sign(form, key, form, key)
}

// issue makes a certificate that an authority signs, or that signs itself.
func (r *run) issue(function, name string, ips, hosts []any, days int, ca *certificate, key crypto.Signer, err error) (certificate, error) {
	if err != nil {
		return certificate{}, err
	}
	form, err := r.form(function, name, ips, hosts, days)
	if err != nil {
		return certificate{}, err
	}
	if ca == nil {
		return sign(form, key, form, key)
	}
	issuer, err := parseCertificate([]byte(ca.Cert))
	if err != nil {
		return certificate{}, err
	}
	issuerKey, err := parseKey(ca.Key)
	if err != nil {
		return certificate{}, fmt.Errorf("error parsing private key: %w", err)
	}
	return sign(form, key, issuer, issuerKey)
}

func sign(form *x509.Certificate, key crypto.Signer, issuer *x509.Certificate, issuerKey crypto.Signer) (certificate, error) {
	// Without a source of chance all signatures are deterministic ones.
	der, err := x509.CreateCertificate(nil, form, issuer, key.Public(), issuerKey)
	if err != nil {
		return certificate{}, fmt.Errorf("error creating certificate: %w", err)
	}
	text, err := keyText(key)
	return certificate{Cert: armour("CERTIFICATE", der), Key: text}, err
}

func keyText(key crypto.Signer) (string, error) {
	switch k := key.(type) {
	case *rsa.PrivateKey:
		return armour("RSA PRIVATE KEY", x509.MarshalPKCS1PrivateKey(k)), nil
	case *ecdsa.PrivateKey:
		der, err := x509.MarshalECPrivateKey(k)
		return armour("EC PRIVATE KEY", der), err
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	return armour("PRIVATE KEY", der), err
}

func (r *run) form(function, name string, ips, hosts []any, days int) (*x509.Certificate, error) {
	form := &x509.Certificate{
		Subject:               pkix.Name{CommonName: name},
		NotBefore:             clock,
		NotAfter:              clock.Add(24 * time.Hour * time.Duration(days)),
		KeyUsage:              x509.KeyUsageKeyEncipherment | x509.KeyUsageDigitalSignature,
		ExtKeyUsage:           []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
		BasicConstraintsValid: true,
	}
	for _, ip := range ips {
		text, ok := ip.(string)
		if !ok {
			return nil, fmt.Errorf("error parsing ip: %v is not a string", ip)
		}
		address := net.ParseIP(text)
		if address == nil {
			return nil, fmt.Errorf("error parsing ip: %s", text)
		}
		form.IPAddresses = append(form.IPAddresses, address)
	}
	for _, host := range hosts {
		text, ok := host.(string)
		if !ok {
			return nil, fmt.Errorf("error processing alternate dns name: %v is not a string", host)
		}
		form.DNSNames = append(form.DNSNames, text)
	}
	serial, err := r.bytes(function, 16, name, days, ips, hosts)
	serial[0] = serial[0]&0x7f | 1 // positive, and never zero
	form.SerialNumber = new(big.Int).SetBytes(serial)
	return form, err
}

func customCertificate(cert64, key64 string) (certificate, error) {
	cert, err := base64.StdEncoding.DecodeString(cert64)
	if err != nil {
		return certificate{}, errors.New("unable to decode base64 certificate")
	}
	key, err := base64.StdEncoding.DecodeString(key64)
	if err != nil {
		return certificate{}, errors.New("unable to decode base64 private key")
	}
	if _, err := parseCertificate(cert); err != nil {
		return certificate{}, err
	}
	if _, err := parseAnyKey(string(key)); err != nil {
		return certificate{}, fmt.Errorf("error parsing private key: %w", err)
	}
	return certificate{Cert: string(cert), Key: string(key)}, nil
}

func parseCertificate(text []byte) (*x509.Certificate, error) {
	block, _ := pem.Decode(text)
	if block == nil {
		return nil, errors.New("unable to decode certificate")
	}
	cert, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		return nil, fmt.Errorf("error parsing certificate: decodedCert.Bytes: %w", err)
	}
	return cert, nil
}

// parseKey reads a key that can sign a certificate.
func parseKey(text string) (crypto.Signer, error) {
	key, err := parseAnyKey(text)
	if err != nil {
		return nil, err
	}
	signer, ok := key.(crypto.Signer)
	if !ok {
		return nil, errors.New("DSA keys sign no certificates")
	}
	return signer, nil
}

func parseAnyKey(text string) (crypto.PrivateKey, error) {
	block, _ := pem.Decode([]byte(text))
	if block == nil {
		return nil, errors.New("no PEM data in input")
	}
	var key crypto.PrivateKey
	var err error
	switch block.Type {
	case "PRIVATE KEY":
		if key, err = x509.ParsePKCS8PrivateKey(block.Bytes); err != nil {
			return nil, fmt.Errorf("decoding PEM as PKCS#8: %w", err)
		}
		return key, nil
	case "RSA PRIVATE KEY":
		key, err = x509.ParsePKCS1PrivateKey(block.Bytes)
	case "EC PRIVATE KEY":
		key, err = x509.ParseECPrivateKey(block.Bytes)
	case "DSA PRIVATE KEY":
		key, err = parseDSA(block.Bytes)
	default:
		kind, private := strings.CutSuffix(block.Type, " PRIVATE KEY")
		if !private {
			return nil, fmt.Errorf("no private key data in PEM block of type %s", block.Type)
		}
		return nil, fmt.Errorf("invalid private key type %s", kind)
	}
	if err != nil {
		kind, _, _ := strings.Cut(block.Type, " ")
		return nil, fmt.Errorf("parsing %s private key from PEM: %w", kind, err)
	}
	return key, nil
}

// parseDSA only says whether it is such a key: none signs certificates.
func parseDSA(der []byte) (crypto.PrivateKey, error) {
	var key struct {
		Version       int
		P, Q, G, Y, X *big.Int
	}
	_, err := asn1.Unmarshal(der, &key)
	return key, err
}
