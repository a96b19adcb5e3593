package starter

import (
	"fmt"
	"strings"

	"go.yaml.in/yaml/v3"
)

const hookFile = ".pre-commit-config.yaml"

// hook adds an entry to the list of repositories that pre-commit takes hooks
// from, where that is the last thing of its file; else a person has to.
func (r Repository) hook() (*Proposal, string, error) {
	before, err := r.read(hookFile)
	if err != nil {
		return nil, "", err
	}
	entry := func(indent string) string {
		return fmt.Sprintf("%s- repo: https://github.com/rendergate/rendergate\n%s  rev: %s\n%s  hooks: [{id: rendergate}]\n", indent, indent, r.ref(), indent)
	}
	if before == nil {
		return &Proposal{Path: hookFile, Text: "repos:\n" + entry("  ")}, "", nil
	}
	if strings.Contains(string(before), "rendergate/rendergate") {
		return nil, hookFile + " has the hook", nil
	}
	indent, ok := lastList(before, "repos")
	if ok {
		p := &Proposal{Path: hookFile, Before: before, At: len(before), Added: entry(indent)}
		if before[len(before)-1] != '\n' {
			p.Added = "\n" + p.Added
		}
		if onlyAdds(before, append(append([]byte{}, before...), p.Added...)) {
			return p, "", nil
		}
	}
	return &Proposal{Path: hookFile, Text: entry("  "), Manual: "repos is not the last list of this file: add it there by hand"}, "", nil
}

// lastList is how far the items of a list are indented that ends a file.
func lastList(data []byte, key string) (indent string, ok bool) {
	var doc yaml.Node
	if err := yaml.Unmarshal(data, &doc); err != nil || len(doc.Content) != 1 || doc.Content[0].Kind != yaml.MappingNode {
		return "", false
	}
	root := doc.Content[0].Content
	if len(root) < 2 || root[len(root)-2].Value != key {
		return "", false
	}
	list := root[len(root)-1]
	if list.Kind != yaml.SequenceNode || list.Style&yaml.FlowStyle != 0 || len(list.Content) == 0 {
		return "", false
	}
	return strings.Repeat(" ", list.Column-1), true
}

// onlyAdds says that the second text is the first with one more repository.
func onlyAdds(before, after []byte) bool {
	type config struct {
		Repos []yaml.Node
		Rest  map[string]yaml.Node `yaml:",inline"`
	}
	var was, is config
	if yaml.Unmarshal(before, &was) != nil || yaml.Unmarshal(after, &is) != nil {
		return false
	}
	if len(is.Repos) != len(was.Repos)+1 || len(is.Rest) != len(was.Rest) {
		return false
	}
	for i := range was.Repos {
		a, err := yaml.Marshal(&was.Repos[i])
		b, wrong := yaml.Marshal(&is.Repos[i])
		if err != nil || wrong != nil || string(a) != string(b) {
			return false
		}
	}
	return true
}
