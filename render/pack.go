package render

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"io/fs"
	"path"
	"strings"

	"helm.sh/helm/v3/pkg/chart"
)

// Pack makes an archive of the chart of a tree that satisfies what a chart in the
// same folder lacks, as helm package makes it; nil where the tree has none. What
// is named by its path, or is no chart, is not looked for.
func Pack(tree fs.FS, m Missing) (data []byte, version string, err error) {
	if m.Kind != MissingDependency || m.At == "" || strings.HasPrefix(m.Repository, "file://") {
		return nil, "", nil
	}
	for _, dir := range siblings(tree, m.At, &chart.Dependency{Name: m.Name, Version: m.Wanted}) {
		data, err := pack(tree, dir, m.Name)
		return data, parsedMetadata(tree, join(dir, "Chart.yaml")).Version, err
	}
	return nil, "", nil
}

// pack is the archive of a chart's folder; the same files make the same archive.
func pack(tree fs.FS, dir, name string) ([]byte, error) {
	files, err := chartFiles(tree, dir)
	if err != nil {
		return nil, err
	}
	var data bytes.Buffer
	zipped := gzip.NewWriter(&data)
	archive := tar.NewWriter(zipped)
	for _, f := range files {
		if err := archive.WriteHeader(&tar.Header{Name: path.Join(name, f.Name), Size: int64(len(f.Data)), Mode: 0o644}); err != nil {
			return nil, err
		}
		if _, err := archive.Write(f.Data); err != nil {
			return nil, err
		}
	}
	if err := archive.Close(); err != nil {
		return nil, err
	}
	if err := zipped.Close(); err != nil {
		return nil, err
	}
	return data.Bytes(), nil
}
