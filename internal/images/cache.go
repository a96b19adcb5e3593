package images

import (
	"crypto/sha256"
	"encoding/hex"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/rendergate/rendergate/internal/fetch"
)

// kept is the place of one report on disk: of one content, as one version of a
// scanner with one database and the same settings of its own saw it on one day. An
// empty file is no place.
type kept struct{ file string }

func (s *Scanner) kept(r Reference) kept {
	if s.client.Cache == "" || r.Digest == "" {
		return kept{}
	}
	key := sha256.Sum256([]byte(strings.Join(slices.Concat([]string{s.name, s.version, s.client.Today, r.Digest}, s.tool.scan, s.own()), "\x00")))
	name := hex.EncodeToString(key[:])
	return kept{filepath.Join(s.client.Cache, "images", name[:2], name+".json")}
}

// own are the variables by which the scanner is told what to look at, such as the
// platform of an image that has several.
func (s *Scanner) own() []string {
	all := slices.DeleteFunc(slices.Clone(s.environ), func(entry string) bool {
		return !slices.ContainsFunc([]string{"TRIVY_", "GRYPE_", "SYFT_", "OSV_SCANNER_"}, func(start string) bool { return strings.HasPrefix(entry, start) })
	})
	slices.Sort(all)
	return all
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
