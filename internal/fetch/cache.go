package fetch

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"os"
	"path/filepath"
	"regexp"
)

// cache keeps archives on disk by the digest of their content, which every read
// proves again. Without a folder it keeps nothing.
type cache struct{ dir string }

var isDigest = regexp.MustCompile(`^[0-9a-f]{64}$`)

func digestOf(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}

func (c cache) file(digest string) string {
	return filepath.Join(c.dir, "charts", digest[:2], digest+".tgz")
}

// get returns the archive of a digest; false when it is not there, or is not
// what it was.
func (c cache) get(digest string) ([]byte, bool) {
	if c.dir == "" || !isDigest.MatchString(digest) {
		return nil, false
	}
	data, err := os.ReadFile(c.file(digest))
	if err != nil || digestOf(data) != digest {
		return nil, false
	}
	return data, true
}

// put stores an archive, whole or not at all.
func (c cache) put(data []byte) error {
	if c.dir == "" {
		return nil
	}
	return Store(c.file(digestOf(data)), data)
}

// Store writes a file, whole or not at all, and the folders above it.
func Store(file string, data []byte) (err error) {
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		return err
	}
	out, err := os.CreateTemp(filepath.Dir(file), ".new-*")
	if err != nil {
		return err
	}
	_, err = out.Write(data)
	err = errors.Join(err, out.Close())
	if err == nil {
		err = os.Rename(out.Name(), file)
	}
	if err != nil {
		return errors.Join(err, os.Remove(out.Name()))
	}
	return nil
}
