package starter

import (
	_ "embed"
	"io/fs"
	"path"
	"regexp"
	"strings"
)

const (
	workflowFolder = ".github/workflows"
	workflowFile   = workflowFolder + "/rendergate.yml"
)

// basic is the first of the documented workflows, for a commit that is no
// release and so builds itself.
//
//go:embed workflow.yml
var basic string

// setupGo is what a release does not need.
const setupGo = `      - uses: actions/setup-go@b7ad1dad31e06c5925ef5d2fc7ad053ef454303e # v7.0.0
        with:
          go-version: stable
`

// branch is a name that YAML and GitHub's globs take as it is.
var branch = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9._/-]*$`)

// workflow is proposed unless one of the repository's runs rendergate.
func (r Repository) workflow() (*Proposal, string, error) {
	entries, err := fs.ReadDir(r.Tree, workflowFolder)
	if err != nil && !isAbsent(err) {
		return nil, "", err
	}
	for _, entry := range entries {
		name := path.Join(workflowFolder, entry.Name())
		if ext := path.Ext(name); entry.IsDir() || ext != ".yml" && ext != ".yaml" {
			continue
		}
		data, err := r.read(name)
		if err != nil {
			return nil, "", err
		}
		if name == workflowFile || strings.Contains(string(data), "rendergate/rendergate") {
			return nil, name + " is there", nil
		}
	}
	text := basic
	if r.Version != "" {
		text = strings.Replace(text, setupGo, "", 1)
		text = strings.Replace(text, "rendergate/rendergate@main # pin a commit", "rendergate/rendergate@"+r.ref()+" # pin its commit: gh api repos/rendergate/rendergate/commits/"+r.ref()+" --jq .sha", 1)
	}
	if branch.MatchString(r.Branch) {
		text = strings.Replace(text, "branches: [main]", "branches: ["+r.Branch+"]", 1)
	}
	return &Proposal{Path: workflowFile, Text: text}, "", nil
}
