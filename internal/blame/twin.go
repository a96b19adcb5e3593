package blame

import (
	"io/fs"

	"go.yaml.in/yaml/v3"
)

// twin is where head has what stood at a line of base: the same key of the same
// file, or the nearest one around it that head still has. A list that became
// empty is the cause as much as the items that went.
func (b *blamer) twin(s spot) (spot, bool) {
	file, changed := b.Change.File(s.path, sideBase)
	if !changed || file.NewPath == "" {
		return spot{}, false
	}
	before, after := b.mapping(b.Change.Base, file.OldPath), b.mapping(b.Change.Head, file.NewPath)
	if before == nil || after == nil {
		return spot{}, false
	}
	line := keyLine(after, keysTo(before, s.line))
	if line == 0 || !file.Added(line) {
		return spot{}, false
	}
	site := s.site
	site.Path, site.Line = file.NewPath, line
	return spot{side: sideHead, path: file.NewPath, line: line, site: site}, true
}

// mapping is a file's first document, nil when it is no YAML: a template.
func (b *blamer) mapping(tree fs.FS, name string) *yaml.Node {
	data, err := fs.ReadFile(tree, name)
	if err != nil || len(data) > maxTwin {
		return nil
	}
	var doc yaml.Node
	if yaml.Unmarshal(data, &doc) != nil || len(doc.Content) == 0 {
		return nil
	}
	return doc.Content[0]
}

// maxTwin bounds the files that are read for it.
const maxTwin = 1 << 20

// keysTo are the keys that lead to what begins on a line.
func keysTo(at *yaml.Node, line int) []string {
	if at.Kind != yaml.MappingNode {
		return nil
	}
	for i := len(at.Content) - 2; i >= 0; i -= 2 {
		key, value := at.Content[i], at.Content[i+1]
		if key.Line <= line {
			return append([]string{key.Value}, keysTo(value, line)...)
		}
	}
	return nil
}

// keyLine is the line of the last of some keys that is there.
func keyLine(at *yaml.Node, keys []string) int {
	line := 0
	for _, key := range keys {
		if at.Kind != yaml.MappingNode {
			break
		}
		found := false
		for i := len(at.Content) - 2; i >= 0 && !found; i -= 2 {
			if at.Content[i].Value == key {
				line, at, found = at.Content[i].Line, at.Content[i+1], true
			}
		}
		if !found {
			break
		}
	}
	return line
}
