package render

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"slices"
	"strings"

	"helm.sh/helm/v3/pkg/chart/loader"
)

// MaxUnpacked bounds what the archives of one chart may unpack to, all
// together: nobody deploys more, and a crafted archive unpacks to gigabytes.
const MaxUnpacked = 128 << 20

var errTooLarge = fmt.Errorf("unpacks to more than %d MiB", MaxUnpacked>>20)

// unpack lists the files of a chart archive as helm does, which refuses paths
// out of the chart, and takes what they unpack to from the budget.
func unpack(data []byte, budget *int64) ([]*loader.BufferedFile, error) {
	stream, err := gzip.NewReader(bytes.NewReader(data))
	if err != nil {
		return nil, fmt.Errorf("is no chart archive: %w", err)
	}
	// Helm bounds the files' contents, not the number of files: the stream itself is measured.
	size, err := io.Copy(io.Discard, io.LimitReader(stream, *budget+1))
	if err != nil {
		return nil, fmt.Errorf("is no chart archive: %w", err)
	}
	if *budget -= size; *budget < 0 {
		return nil, errTooLarge
	}
	return loader.LoadArchiveFiles(bytes.NewReader(data))
}

// ReadArchive opens a chart archive and tells the name and the version of its
// chart.
func ReadArchive(data []byte) (name, version string, err error) {
	budget := int64(MaxUnpacked)
	files, err := unpack(data, &budget)
	if err != nil {
		return "", "", err
	}
	own, _ := split(files)
	c, err := loader.LoadFiles(own)
	if err != nil {
		return "", "", err
	}
	return c.Name(), c.Metadata.Version, nil
}

// SameArchive says that two chart archives hold the same files, however they
// were packed.
func SameArchive(a, b []byte) (bool, error) {
	var lists [2][]*loader.BufferedFile
	for i, data := range [][]byte{a, b} {
		budget := int64(MaxUnpacked)
		files, err := unpack(data, &budget)
		if err != nil {
			return false, err
		}
		slices.SortFunc(files, func(x, y *loader.BufferedFile) int { return strings.Compare(x.Name, y.Name) })
		lists[i] = files
	}
	return slices.EqualFunc(lists[0], lists[1], func(x, y *loader.BufferedFile) bool {
		return x.Name == y.Name && bytes.Equal(x.Data, y.Data)
	}), nil
}

// SameFolder says that a folder of a tree holds the files of a chart archive, and no
// others.
func SameFolder(archive []byte, tree fs.FS, dir string) (bool, error) {
	budget := int64(MaxUnpacked)
	files, err := unpack(archive, &budget)
	if err != nil {
		return false, err
	}
	left := map[string][]byte{}
	for _, f := range files {
		left[path.Join(dir, f.Name)] = f.Data
	}
	same := true
	err = fs.WalkDir(tree, dir, func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := fs.ReadFile(tree, name)
		want, known := left[name]
		same = same && known && bytes.Equal(data, want)
		delete(left, name)
		return err
	})
	return same && len(left) == 0, err
}

// split separates a chart's own files from those of its vendored parts, by the
// part's folder or archive.
func split(files []*loader.BufferedFile) (own []*loader.BufferedFile, parts map[string][]*loader.BufferedFile) {
	parts = map[string][]*loader.BufferedFile{}
	for _, f := range files {
		rest, inside := strings.CutPrefix(f.Name, "charts/")
		part, below, nested := strings.Cut(rest, "/")
		switch {
		case !inside || strings.HasSuffix(f.Name, ".prov"):
			own = append(own, f)
		case strings.HasPrefix(part, "_") || strings.HasPrefix(part, "."):
		case nested:
			parts[part] = append(parts[part], &loader.BufferedFile{Name: below, Data: f.Data})
		case strings.HasSuffix(part, ".tgz"):
			parts[part] = []*loader.BufferedFile{{Name: part, Data: f.Data}}
		}
	}
	return own, parts
}

var errTooDeep = errors.New("charts nest too deeply in each other")
