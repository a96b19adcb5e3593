package fetch

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/rendergate/rendergate/render"
)

// maxConfig bounds a configuration file.
const maxConfig = 1 << 20

// Pinned is a file of a repository at a commit. What it holds never changes, so
// that it is fetched once.
type Pinned struct{ Repository, File, Commit string }

// Kept is a pinned file as it was fetched before into the folder for caches;
// false where it was not, or is damaged.
func (p Pinned) Kept(cache string) ([]byte, bool) {
	if cache == "" {
		return nil, false
	}
	data, err := os.ReadFile(p.place(cache))
	digest, content, found := bytes.Cut(data, []byte("\n"))
	if err != nil || !found || string(digest) != digestOf(content) {
		return nil, false
	}
	return content, true
}

func (p Pinned) place(cache string) string {
	name := sha256.Sum256([]byte(p.Repository + "\x00" + p.File + "\x00" + p.Commit))
	return filepath.Join(cache, "pinned", hex.EncodeToString(name[:]))
}

// Pinned fetches a file from its repository. The caller has settled that the
// repository may be asked.
func (c *Client) Pinned(ctx context.Context, p Pinned) (data []byte, err error) {
	at, err := ParsePrefix(p.Repository)
	if err != nil {
		return nil, err
	}
	source := c.From(Prefixes{at})
	defer func() { err = errors.Join(err, source.Close()) }()
	base, err := source.Base(ctx, render.Remote{Repository: p.Repository, Dir: ".", Ref: p.Commit})
	if err != nil {
		return nil, err
	}
	info, err := fs.Stat(base.Tree, p.File)
	if err != nil {
		return nil, fmt.Errorf("%s has no file %s at %s", p.Repository, p.File, p.Commit)
	}
	if info.Size() > maxConfig {
		return nil, fmt.Errorf("%s has %d bytes, more than a configuration file may", p.File, info.Size())
	}
	if data, err = fs.ReadFile(base.Tree, p.File); err != nil {
		return nil, err
	}
	if c.Cache == "" {
		return data, nil
	}
	return data, Store(p.place(c.Cache), append([]byte(digestOf(data)+"\n"), data...))
}
