package images

import (
	"crypto/sha256"
	"encoding/hex"
	"os"
	"path/filepath"
	"strings"

	"github.com/rendergate/rendergate/internal/fetch"
)

// kept is the place of one report on disk: of one content, as one version of a
// scanner with one database saw it on one day. An empty file is no place.
type kept struct{ file string }

func (s *Scanner) kept(r Reference) kept {
	if s.client.Cache == "" || r.Digest == "" {
		return kept{}
	}
	key := sha256.Sum256([]byte(strings.Join(append([]string{s.name, s.version, s.client.Today, r.Digest}, s.tool.scan...), "\x00")))
	name := hex.EncodeToString(key[:])
	return kept{filepath.Join(s.client.Cache, "images", name[:2], name+".json")}
}

// get is a report that is there and can still be read, else nil.
func (k kept) get() *Report {
	if k.file == "" {
		return nil
	}
	data, err := os.ReadFile(k.file)
	if err != nil {
		return nil
	}
	report, err := Parse(data)
	if err != nil {
		return nil
	}
	return report
}

func (k kept) put(data []byte) error {
	if k.file == "" {
		return nil
	}
	return fetch.Store(k.file, data)
}
