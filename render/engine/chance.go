package engine

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"math/rand/v2"
	"strings"
	"text/template"
	"time"
)

// clock is what every render takes for now.
var clock = time.Date(2026, time.January, 1, 0, 0, 0, 0, time.UTC)

const (
	lower  = "abcdefghijklmnopqrstuvwxyz"
	upper  = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	digits = "0123456789"
)

// chance replaces the source of chance for one call. What it yields follows
// from the file that is rendered, the function, its arguments and how many such
// calls the file made before. So two calls differ, as a chart may rely on,
// while base and head agree on all calls that both make, and a change to one
// file changes nothing that is drawn in another.
func (r *run) chance(function string, arguments ...any) *rand.ChaCha8 {
	call := fmt.Sprintf("%q %q %q", r.template, function, arguments)
	r.drawn[call]++
	return rand.NewChaCha8(sha256.Sum256(fmt.Appendf(nil, "%s %d", call, r.drawn[call])))
}

// chances are the functions that draw from chance. Lengths, alphabets and
// formats are sprig's.
func (r *run) chances() template.FuncMap {
	return template.FuncMap{
		"randAlphaNum": r.letters("randAlphaNum", lower+upper+digits, lower, digits, upper),
		"randAlpha":    r.letters("randAlpha", lower+upper, lower, upper),
		"randNumeric":  r.letters("randNumeric", digits, digits[1:]),
		"randAscii":    r.letters("randAscii", printable(), lower, digits, upper),
		"randBytes": func(count int) (string, error) {
			data, err := r.bytes("randBytes", count)
			return r.told(base64.StdEncoding.EncodeToString(data)), err
		},
		"randInt": func(from, to int) (int, error) {
			if to <= from {
				return 0, fmt.Errorf("invalid argument to randInt: nothing lies between %d and %d", from, to)
			}
			return from + rand.New(r.chance("randInt", from, to)).IntN(to-from), nil
		},
		"shuffle": func(text string) string {
			runes := []rune(text)
			rand.New(r.chance("shuffle", text)).Shuffle(len(runes), func(i, j int) { runes[i], runes[j] = runes[j], runes[i] })
			return string(runes)
		},
		"uuidv4":     r.uuid,
		"bcrypt":     r.bcrypt,
		"htpasswd":   r.htpasswd,
		"encryptAES": r.encryptAES,
	}
}

// told passes on what was drawn.
func (r *run) told(text string) string {
	if r.tell != nil {
		r.tell(text)
	}
	return text
}

func printable() string {
	var text strings.Builder
	for c := ' '; c < 127; c++ {
		text.WriteRune(c)
	}
	return text.String()
}

// letters draws texts from an alphabet, their first characters from classes
// one by one: a text then begins with a letter, as many names must, is never
// taken for a number, and satisfies rules for passwords.
func (r *run) letters(function, alphabet string, classes ...string) func(int) (string, error) {
	return func(count int) (string, error) {
		if count > maxText {
			return "", tooLong(count)
		}
		if count <= 0 {
			return "", nil
		}
		from := rand.New(r.chance(function, count))
		text := make([]byte, count)
		for i := range text {
			class := alphabet
			if i < len(classes) {
				class = classes[i]
			}
			text[i] = class[from.IntN(len(class))]
		}
		return r.told(string(text)), nil
	}
}

func (r *run) bytes(function string, count int, arguments ...any) ([]byte, error) {
	if count > maxText {
		return nil, tooLong(count)
	}
	if count < 0 {
		return nil, fmt.Errorf("%s cannot make %d bytes", function, count)
	}
	data := make([]byte, count)
	_, err := r.chance(function, append(arguments, count)...).Read(data)
	return data, err
}

func (r *run) uuid() (string, error) {
	b, err := r.bytes("uuidv4", 16)
	if err != nil {
		return "", err
	}
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80 // version 4, RFC 9562
	return r.told(fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])), nil
}

// bcrypt has the form of a hash, and is none: the salt cannot be fixed, and no
// template can check a password against it.
func (r *run) bcrypt(password string) (string, error) {
	if len(password) > 72 {
		return "failed to encrypt string with bcrypt: bcrypt: password length exceeds 72 bytes", nil
	}
	data, err := r.bytes("bcrypt", 40, password)
	text := base64.NewEncoding("./" + upper + lower + digits).EncodeToString(data)
	return "$2a$10$" + text[:53], err
}

func (r *run) htpasswd(user, password string) (string, error) {
	if strings.Contains(user, ":") {
		return "invalid username: " + user, nil
	}
	hash, err := r.bcrypt(password)
	return user + ":" + hash, err
}

// encryptAES is sprig's with a vector of our chance, so that decryptAES reads it.
func (r *run) encryptAES(password, text string) (string, error) {
	if text == "" {
		return "", nil
	}
	key := make([]byte, 32)
	copy(key, password)
	block, err := aes.NewCipher(key)
	if err != nil {
		return "", err
	}
	vector, err := r.bytes("encryptAES", aes.BlockSize, password, text)
	if err != nil {
		return "", err
	}
	padding := aes.BlockSize - len(text)%aes.BlockSize
	data := append([]byte(text), strings.Repeat(string(rune(padding)), padding)...)
	cipher.NewCBCEncrypter(block, vector).CryptBlocks(data, data)
	return base64.StdEncoding.EncodeToString(append(vector, data...)), nil
}

// atClock replaces the functions that ask what time it is.
func atClock(f template.FuncMap) {
	f["now"] = func() time.Time { return clock }
	date, htmlDate := f["date"].(func(string, any) string), f["htmlDate"].(func(any) string)
	f["date"] = func(format string, at any) string { return date(format, instant(at)) }
	f["htmlDate"] = func(at any) string { return htmlDate(instant(at)) }
	htmlDateInZone := f["htmlDateInZone"].(func(any, string) string)
	f["htmlDateInZone"] = func(at any, zone string) string { return htmlDateInZone(instant(at), zone) }
	for _, name := range []string{"dateInZone", "date_in_zone"} {
		inZone := f[name].(func(string, any, string) string)
		f[name] = func(format string, at any, zone string) string { return inZone(format, instant(at), zone) }
	}
	f["ago"] = func(at any) string {
		switch v := at.(type) {
		case time.Time:
			return clock.Sub(v).Round(time.Second).String()
		case int64:
			return clock.Sub(time.Unix(v, 0)).Round(time.Second).String()
		case int:
			return clock.Sub(time.Unix(int64(v), 0)).Round(time.Second).String()
		}
		return "0s"
	}
	durationRound := f["durationRound"].(func(any) string)
	f["durationRound"] = func(length any) string {
		if at, ok := length.(time.Time); ok {
			length = int64(clock.Sub(at))
		}
		return durationRound(length)
	}
}

// instant is now where sprig would take now: for what it does not know as a date.
func instant(at any) any {
	switch at.(type) {
	case time.Time, *time.Time, int64, int, int32:
		return at
	}
	return clock
}
