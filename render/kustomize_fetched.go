package render

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strings"

	"sigs.k8s.io/kustomize/api/resource"
)

// namedRemote is something fetched, and who named it.
type namedRemote struct {
	Remote
	in   string // the file of the tree that led there
	dir  string // of the kustomization that named it
	text string // what it is called in messages
}

// origin is what kustomize would say of an object that came from there.
func (n namedRemote) origin(at string) *resource.Origin {
	if n.Repository == "" {
		return &resource.Origin{Path: n.File}
	}
	below := strings.TrimPrefix(at, n.TreePlace()+"/")
	return &resource.Origin{Repo: n.Repository, Ref: n.Ref, Path: below}
}

// localized are settings with what was fetched in place of what they name
// outside of the tree, as maps and lists, and whether that changed them. What
// is missing is noted, of all fields at once.
func (s *step) localized(settings any, text map[string]bool, file string) (plain any, changed bool, err error) {
	if plain, err = plainOf(settings); err != nil {
		return nil, false, err
	}
	var failed []error
	plain = values(plain, "", text, func(position, value string) (string, bool) {
		local, keep, err := s.local(position, value, file)
		if err != nil && len(failed) == 0 {
			failed = append(failed, err)
		}
		changed = changed || !keep || local != value
		return local, keep
	})
	return plain, changed, errors.Join(failed...)
}

// into reads maps and lists into a type of kustomize's.
func into(plain, settings any) error {
	data, err := json.Marshal(plain)
	if err != nil {
		return err
	}
	return json.Unmarshal(data, settings)
}

// local is what stands for a value of a kustomization: itself, or the path to
// what was fetched for it; false where it is to be left out.
func (s *step) local(position, value, file string) (local string, keep bool, err error) {
	if strings.Contains(value, remoteDir) {
		return value, true, fmt.Errorf("%s: %s: %q is no path", file, position, value)
	}
	key, address, remote := remoteIn(s.tree, s.dir, position, value)
	if !remote {
		return value, true, s.confined(file, position, value)
	}
	r := parseRemote(address, folderPositions[position])
	if neverFetched[position] {
		return value, true, &unfetched{file, position, value}
	}
	if local, err = s.fetched(r, address); err != nil {
		return value, true, err
	}
	switch {
	case local == "":
		m := remoteBase(s.readable(file), address, r)
		if m.Why == "" {
			m.Why = r.Never
		}
		s.lacks(m)
		if position == "resources" || position == "components" {
			return "", false, nil
		}
		return value, true, &unfetched{file, position, value}
	case strings.HasSuffix(position, ".files") || position == "files":
		return orElse(key, path.Base(local)) + "=" + local, true, nil
	}
	return local, true, nil
}

// fetched is the path, from the kustomization's folder, to what was fetched
// for an address; empty where nothing was.
func (s *step) fetched(r Remote, address string) (string, error) {
	known := namedRemote{Remote: r, in: s.file, dir: s.dir, text: address}
	if from, nested := s.remotes[s.root]; nested {
		known.in = from.in
	}
	part := Part{Kind: MissingBase, Name: remoteBase("", address, r).Name, Version: r.Ref, Wanted: r.Ref, From: known.in}
	if at := r.FilePlace(); at != "" && exists(s.tree, at) {
		data, err := fs.ReadFile(s.tree, at)
		if err != nil {
			return "", err
		}
		// Kustomize loads files from the kustomization's folder alone.
		local := remoteDir + "-" + path.Base(path.Dir(at)) + "/" + path.Base(at)
		s.files[path.Join(s.dir, local)] = data
		s.knows(path.Join(s.dir, local), known, part)
		return local, unfolded(address, data)
	}
	if at := r.TreePlace(); at != "" && exists(s.tree, at) {
		known.text = r.Repository + "//"
		s.knows(at, known, part)
		to := join(at, r.Dir)
		if info, err := fs.Stat(s.tree, to); err != nil || !info.IsDir() {
			return "", fmt.Errorf("%s names %s, and %s has no folder %s there", s.file, address, r.Repository, r.Dir)
		}
		up := ""
		if s.dir != "." {
			up = strings.Repeat("../", strings.Count(s.dir, "/")+1)
		}
		return up + to, nil
	}
	return "", nil
}

// knows notes what was fetched and is built.
func (s *step) knows(at string, known namedRemote, part Part) {
	if _, before := s.remotes[at]; before {
		return
	}
	s.remotes[at] = known
	s.parts = append(s.parts, part)
	if known.Repository != "" && known.Ref == "" {
		s.notes = append(s.notes, fmt.Sprintf("%s names no ref of %s: what it holds now stands for both sides of the change", known.in, known.Repository))
	}
}

// fetchedFile is where a file that was fetched alone lies.
func (p *plan) fetchedFile(at string) string {
	if strings.Contains(at, remoteDir+"-") {
		return at
	}
	return ""
}

// confined refuses what a kustomization of a fetched repository names outside
// of that: the tree that builds upon it is none of its business.
func (s *step) confined(file, position, value string) error {
	if s.root == "" {
		return nil
	}
	candidates := []string{value}
	if _, name, keyed := strings.Cut(value, "="); keyed {
		candidates = append(candidates, name)
	}
	for _, name := range candidates {
		at := path.Join(s.dir, name)
		if !under(at, s.root) && (!fs.ValidPath(at) || exists(s.tree, at)) {
			return fmt.Errorf("%s: %s: %q leads out of its repository", file, position, value)
		}
	}
	return nil
}

// readable puts the addresses of what was fetched in place of where it lies.
func (p *plan) readable(text string) string {
	if !strings.Contains(text, remoteDir) {
		return text
	}
	var pairs []string
	for _, at := range sortedKeys(p.remotes) {
		known := p.remotes[at]
		if p.fetchedFile(at) != "" {
			pairs = append(pairs, absolute(at), known.text, at, known.text)
			continue
		}
		pairs = append(pairs, absolute(at)+"/", known.text, at+"/", known.text, absolute(at), known.text, at, known.text)
	}
	return strings.ReplaceAll(strings.NewReplacer(pairs...).Replace(text), "\x00", "")
}
