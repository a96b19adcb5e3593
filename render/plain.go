package render

import (
	"bytes"
	"io/fs"
	"path"
	"regexp"
	"slices"

	"go.yaml.in/yaml/v3"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"

	"github.com/rendergate/rendergate/render/manifest"
)

// plain reads the manifests of one folder, not of those below it. A file that
// cannot be read does not hide the others: it is told as skipped.
func plain(tree fs.FS, t Target) (*Result, error) {
	files, err := manifestFiles(tree, t.Dir)
	if err != nil {
		return nil, err
	}
	result := &Result{}
	for _, f := range files {
		if slices.Contains(t.Except, f.name) {
			continue
		}
		objects, skipped := f.objects()
		for _, o := range objects {
			o.InNamespace(t.Namespace)
		}
		result.Objects = append(result.Objects, objects...)
		if skipped != nil {
			result.Skipped = append(result.Skipped, *skipped)
		}
	}
	return result, nil
}

// manifestFile is a file that may hold Kubernetes objects.
type manifestFile struct {
	name string
	data []byte
	err  error // it is there, and cannot be read
}

// manifestFiles are the files of a folder that hold Kubernetes objects, as far
// as a glance tells.
func manifestFiles(tree fs.FS, dir string) ([]manifestFile, error) {
	list, err := fs.ReadDir(tree, dir)
	if err != nil {
		return nil, err
	}
	var files []manifestFile
	for _, entry := range list {
		name := join(dir, entry.Name())
		if entry.IsDir() || !isYAML(name) || isKustomization(tree, name) {
			continue
		}
		data, err := fs.ReadFile(tree, name)
		data = inUTF8(data)
		if err != nil || looksLikeObject(data) || manifest.LooksLikeSettings(name, data) {
			files = append(files, manifestFile{name, data, err})
		}
	}
	return files, nil
}

// objects are the objects of the file, and what could not be looked at. One
// broken document does not hide the others.
func (f manifestFile) objects() ([]*manifest.Object, *Skipped) {
	if f.err != nil {
		return nil, &Skipped{Path: f.name, Why: f.err.Error(), Broken: true}
	}
	origin := manifest.Origin{Path: f.name, Exact: true}
	objects, err := manifest.Parse(f.data, origin)
	if err == nil {
		if yttComment.Match(f.data) || templated(f.data) && keyedByMaps(f.data) {
			return objects, &Skipped{Path: f.name, Why: "it is a template of another tool, judged as far as it is plain YAML"}
		}
		return objects, nil
	}
	objects = nil
	filled, broken := false, ""
	for _, part := range partsOf(f.data) {
		found, err := manifest.ParseAt(part.text, origin, part.line)
		switch {
		case err != nil && (templated(part.text) || bytes.Contains(part.text, []byte("${"))):
			filled = true
		case err != nil:
			broken = orElse(broken, part.fault(origin, err))
		default:
			objects = append(objects, found...)
		}
	}
	switch {
	case broken != "":
		return objects, &Skipped{Path: f.name, Why: broken, Broken: true}
	case filled:
		return objects, &Skipped{Path: f.name, Why: "it is a template of another tool"}
	}
	return objects, nil
}

// part is one document of a file.
type part struct {
	text []byte
	line int // of the file, where it starts
}

// fault is what is wrong with the document, by the lines of its file.
func (p part) fault(origin manifest.Origin, err error) string {
	if _, err := manifest.Parse(append(bytes.Repeat([]byte("\n"), p.line-1), p.text...), origin); err != nil {
		return err.Error()
	}
	return err.Error()
}

// partsOf cuts a file at the lines that part documents, for when it cannot be
// parsed as a whole.
func partsOf(data []byte) []part {
	parts := []part{{line: 1}}
	line := 1
	for text := range bytes.Lines(data) {
		if bytes.HasPrefix(text, []byte("---")) && len(bytes.TrimSpace(text)) == len("---") {
			parts = append(parts, part{line: line})
		}
		last := &parts[len(parts)-1]
		last.text = append(last.text, text...)
		line++
	}
	return parts
}

// yttComment is how ytt writes its code. A manifest with such a comment is judged
// all the same: a comment must not hide it.
var yttComment = regexp.MustCompile(`(?m)(^|\s)#@[ /]`)

// keyedByMaps says that a text is YAML only by chance: an unquoted {{ name }}
// is a mapping whose key is a mapping, which no manifest has.
func keyedByMaps(text []byte) bool {
	var within func(*yaml.Node) bool
	within = func(n *yaml.Node) bool {
		for i, c := range n.Content {
			if n.Kind == yaml.MappingNode && i%2 == 0 && c.Kind == yaml.MappingNode || within(c) {
				return true
			}
		}
		return false
	}
	decoder := yaml.NewDecoder(bytes.NewReader(text))
	for {
		var doc yaml.Node
		if decoder.Decode(&doc) != nil {
			return false
		}
		if within(&doc) {
			return true
		}
	}
}

func isYAML(name string) bool {
	switch path.Ext(name) {
	case ".yaml", ".yml", ".json":
		return true
	}
	return false
}

// looksLikeObject is the cheap test before a parse: the two keys that every
// Kubernetes object has. Where there are escapes, these may spell them.
func looksLikeObject(data []byte) bool {
	if bytes.Contains(data, []byte("apiVersion")) && bytes.Contains(data, []byte("kind")) {
		return true
	}
	if !hiddenLetters.Match(data) {
		return false
	}
	objects, _ := manifest.Parse(data, manifest.Origin{}) // what comes before an error counts
	return len(objects) > 0
}

// hiddenLetters is what YAML writes a word with so that nobody sees it at a
// glance: an escape, or the tag of bytes in base64.
var hiddenLetters = regexp.MustCompile(`\\[xuU\r\n]|binary|%TAG`)

// inUTF8 is a file that says of itself that it is UTF-16, as PowerShell writes
// them: kubectl reads it like any other.
func inUTF8(data []byte) []byte {
	if !bytes.HasPrefix(data, []byte("\xff\xfe")) && !bytes.HasPrefix(data, []byte("\xfe\xff")) {
		return data
	}
	text, _, err := transform.Bytes(unicode.BOMOverride(unicode.UTF8.NewDecoder()), data)
	if err != nil {
		return data // which the parser will say is no YAML, if it looks like an object at all
	}
	return text
}

// templated says that a file is a template that another tool fills in.
func templated(data []byte) bool {
	return bytes.Contains(data, []byte("{{")) || bytes.Contains(data, []byte("{%")) || bytes.Contains(data, []byte("<%"))
}
