package infra

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"net/mail"
	"strings"
	"unicode/utf8"

	"github.com/BurntSushi/toml"

	"github.com/rendergate/rendergate/render/manifest"
)

// mostUserData bounds what is unpacked: user data itself is at most 16 KiB, and
// a script that it packs is not much more.
const mostUserData = 1 << 20

// AddUserData takes user data as clouds give it to a machine: a script,
// cloud-config, parts of both, or Bottlerocket's settings; encoded or not.
func (s *StartUp) AddUserData(at manifest.Node) { s.userData(at.Text(), at, 0, 0) }

func (s *StartUp) userData(text string, at manifest.Node, line, depth int) {
	const deepest = 4
	if text == "" || depth > deepest {
		return
	}
	if plain, ok := unpacked(text); ok {
		s.userData(plain, at, -1, depth+1)
		return
	}
	trimmed := strings.TrimLeft(text, " \t\r\n")
	if strings.HasPrefix(trimmed, "MIME-Version:") || strings.HasPrefix(trimmed, "Content-Type:") {
		if s.parts(trimmed, text, at, line, depth) {
			return
		}
	}
	s.Texts = append(s.Texts, Text{"userData", text, at, line})
	switch {
	case strings.HasPrefix(trimmed, "#cloud-config"):
		s.cloudConfig(text, at)
	case isShell(text):
		s.Scripts = append(s.Scripts, Script{text, at, line})
	default:
		s.settings(text, at)
	}
}

// unpacked is what a text encodes, where it is base64 or gzip.
func unpacked(text string) (string, bool) {
	packed := strings.Join(strings.Fields(text), "")
	const shortest = 16
	plain, err := base64.StdEncoding.DecodeString(packed)
	if err != nil || len(packed) < shortest {
		return "", false
	}
	if bytes.HasPrefix(plain, []byte{0x1f, 0x8b}) {
		reader, err := gzip.NewReader(bytes.NewReader(plain))
		if err != nil {
			return "", false
		}
		if plain, err = io.ReadAll(io.LimitReader(reader, mostUserData)); err != nil {
			return "", false
		}
	}
	return string(plain), utf8.Valid(plain)
}

// parts takes each part of a MIME message; false when it is none.
func (s *StartUp) parts(message, whole string, at manifest.Node, line, depth int) bool {
	read, err := mail.ReadMessage(strings.NewReader(message))
	if err != nil {
		return false
	}
	_, params, err := mime.ParseMediaType(read.Header.Get("Content-Type"))
	if err != nil || params["boundary"] == "" {
		return false
	}
	reader := multipart.NewReader(read.Body, params["boundary"])
	for {
		part, err := reader.NextRawPart()
		if err != nil {
			return errors.Is(err, io.EOF)
		}
		body, err := io.ReadAll(io.LimitReader(part, mostUserData))
		if err != nil {
			return false
		}
		text, from := string(body), -1
		if i := strings.Index(whole, text); i >= 0 && line >= 0 && len(text) > 0 {
			from = line + strings.Count(whole[:i], "\n")
		}
		if strings.EqualFold(part.Header.Get("Content-Transfer-Encoding"), "base64") {
			if plain, ok := unpacked(text); ok {
				text, from = plain, -1
			}
		}
		s.userData(text, at, from, depth+1)
	}
}

// cloudConfig takes what cloud-init runs, writes and installs.
func (s *StartUp) cloudConfig(text string, at manifest.Node) {
	docs, err := at.Embedded(text)
	if err != nil || len(docs) == 0 {
		return
	}
	s.cloud(docs[0])
}

func (s *StartUp) cloud(root manifest.Node) {
	if at := root.Get("ssh_pwauth"); isTrue(at) || at.Text() == "yes" || at.Text() == "1" {
		s.Login = append(s.Login, at)
	}
	for _, key := range []string{"bootcmd", "runcmd"} {
		for item := range root.Get(key).Items() {
			if !item.IsList() {
				s.Scripts = append(s.Scripts, Script{item.Text(), item, 0})
				continue
			}
			var words []string
			for word := range item.Items() {
				words = append(words, quoted(word.Text()))
			}
			s.Scripts = append(s.Scripts, Script{strings.Join(words, " "), item, -1})
		}
	}
	for item := range root.Get("packages").Items() {
		name := item.Text()
		if item.IsList() {
			name = item.Item(0).Text() // with a version
		}
		s.Packages = append(s.Packages, Installed{name, item})
	}
	for _, f := range cloudFiles(root) {
		s.addFile(f)
	}
	for _, key := range []string{"yum_repos", "snap"} {
		for name, at := range root.Get(key).Fields() {
			s.Packages = append(s.Packages, Installed{key + " " + name, at})
		}
	}
	for name, at := range root.Get("apt", "sources").Fields() {
		s.Packages = append(s.Packages, Installed{"apt source " + name, at})
	}
}

// quoted is a word as a shell takes it for one.
func quoted(word string) string { return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'" }

// settings takes Bottlerocket's: containers that start with the machine.
func (s *StartUp) settings(text string, at manifest.Node) {
	var read struct {
		Settings struct {
			Bootstrap map[string]struct {
				Source   string `toml:"source"`
				UserData string `toml:"user-data"`
			} `toml:"bootstrap-containers"`
			Host map[string]struct {
				Source   string `toml:"source"`
				UserData string `toml:"user-data"`
				Enabled  bool   `toml:"enabled"`
			} `toml:"host-containers"`
		} `toml:"settings"`
	}
	if _, err := toml.Decode(text, &read); err != nil {
		return
	}
	for name, c := range read.Settings.Bootstrap {
		s.Packages = append(s.Packages, Installed{"bootstrap container " + name, at})
		s.userData(c.UserData, at, -1, 1)
	}
	for name, c := range read.Settings.Host {
		if c.Enabled && c.Source != "" {
			s.Packages = append(s.Packages, Installed{"host container " + name, at})
		}
		s.userData(c.UserData, at, -1, 1)
	}
}
