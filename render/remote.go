package render

import (
	"crypto/sha256"
	"encoding/hex"
	"net/url"
	"path"
	"regexp"
	"strings"
)

// Remote is what a kustomization names outside of the tree, read as kustomize
// reads it: a file, a folder of a git repository, or, where only the server
// knows which, both.
type Remote struct {
	File       string // the URL of a file, which kustomize tries first
	Repository string // the URL that git clones from
	Dir        string // in the repository; "." is its root
	Ref        string // a branch, a tag or a commit; empty: what the repository's HEAD is
	Never      string // why nobody fetches it, whatever is allowed
}

// remoteDir is where the renderers see what was fetched. No tree of git holds
// such a name, which ends at a NUL there: nothing that somebody commits can
// stand in for what is fetched, or for parts of it.
const remoteDir = "\x00remote"

// FilePlace is where a fetched file is looked for; empty where it is none.
func (r Remote) FilePlace() string {
	if r.File == "" {
		return ""
	}
	name := "file"
	if u, err := url.Parse(r.File); err == nil && path.Base(u.Path) != "/" && path.Base(u.Path) != "." {
		name = path.Base(u.Path) // generators make keys of it
	}
	return join(remotePlace("file", r.File), name)
}

// TreePlace is where the repository, as it is at the ref, is looked for; empty
// where it is none.
func (r Remote) TreePlace() string {
	if r.Repository == "" {
		return ""
	}
	return remotePlace("git", r.Repository, r.Ref)
}

func remotePlace(of ...string) string {
	sum := sha256.Sum256([]byte(strings.Join(of, "\x00")))
	return join(remoteDir, hex.EncodeToString(sum[:12]))
}

// remoteRoot is the part of a path that is where something fetched lies; empty
// for a path of the tree.
func remoteRoot(name string) string {
	rest, ok := strings.CutPrefix(name, remoteDir+"/")
	if !ok {
		return ""
	}
	place, _, _ := strings.Cut(rest, "/")
	return join(remoteDir, place)
}

var (
	userName = regexp.MustCompile(`^[a-zA-Z][a-zA-Z0-9-]*@`)
	scheme   = regexp.MustCompile(`(?i)^(ssh|https?|file)://`)
	isFile   = regexp.MustCompile(`(?i)\.(ya?ml|json)$`)
)

// parseRemote reads an address. Where folders is false, only a file can be
// meant. Source: NewRepoSpecFromURL and FileLoader of kustomize 0.21.
func parseRemote(text string, folders bool) Remote {
	var r Remote
	if remoteFile(text) {
		r.File = text
	}
	if !folders {
		if r.File == "" {
			r.Never = "kustomize loads a file there, and this is no URL of one"
		}
		return r
	}
	address, query, _ := strings.Cut(text, "?")
	r.Ref = refOf(query)
	host, below, never := splitHost(address)
	if never != "" {
		return Remote{Never: never}
	}
	repository, dir, marked := splitRepository(below)
	switch {
	case repository == "" && r.File != "":
		return r // no repository, so a file it must be
	case repository == "":
		return Remote{Never: "it is no address of a repository"}
	case !marked && isFile.MatchString(address) && r.File != "":
		r.Ref = ""
		return r
	case marked || r.Ref != "" || strings.HasPrefix(host, "https://github.com/") && !githubFile.MatchString(below):
		r.File = ""
	}
	r.Repository, r.Dir = host+repository, path.Clean("/" + dir)[1:]
	if r.Dir == "" {
		r.Dir = "."
	}
	if cleaned := path.Clean(strings.TrimLeft(dir, "/")); cleaned == ".." || strings.HasPrefix(cleaned, "../") {
		return Remote{Never: "it leads out of its repository"}
	}
	return r
}

// githubFile matches the paths at GitHub that are files, and no folders of a
// repository.
var githubFile = regexp.MustCompile(`^[^/]+/[^/]+/(releases/(latest/)?download|raw|archive)/`)

// refOf is the version that a query names.
func refOf(query string) string {
	values, err := url.ParseQuery(query)
	if err != nil {
		return ""
	}
	return orElse(values.Get("ref"), values.Get("version"))
}

// splitHost separates the host, with its scheme, from the path on it. GitHub
// is asked over https even where the address says http or nothing.
func splitHost(address string) (host, below, never string) {
	if len(address) >= 5 && strings.EqualFold(address[:5], "git::") {
		address = address[5:]
	}
	protocol := strings.ToLower(scheme.FindString(address))
	rest := address[len(protocol):]
	user := userName.FindString(rest)
	rest = rest[len(user):]
	github := len(rest) > len("github.com/") && strings.EqualFold(rest[:len("github.com")], "github.com") && strings.ContainsAny(rest[len("github.com"):][:1], "/:")
	switch {
	case protocol == "file://":
		return "", "", "it is a path of whatever machine builds it"
	case protocol == "ssh://", protocol == "" && user != "", github && user != "":
		return "", "", "it is reached by ssh, and only https is fetched: name it by its https:// URL instead"
	case github:
		return "https://github.com/", rest[len("github.com/"):], ""
	case protocol == "":
		return "", "", "it is no https:// URL"
	}
	host, below, _ = strings.Cut(rest, "/")
	return protocol + strings.ToLower(host) + "/", below, ""
}

// splitRepository separates a repository from the folder in it: at a mark, or
// after owner and name.
func splitRepository(below string) (repository, dir string, marked bool) {
	if at := strings.Index(below, "_git/"); at >= 0 {
		name, dir, _ := strings.Cut(below[at+len("_git/"):], "/")
		return below[:at+len("_git/")] + name, dir, true
	}
	if repository, dir, marked = strings.Cut(below, "//"); marked {
		return repository, dir, true
	}
	if repository, dir, marked = strings.Cut(below, ".git"); marked {
		return repository + ".git", strings.TrimPrefix(dir, "/"), true
	}
	parts := strings.SplitN(below, "/", 3)
	if len(parts) < 2 || parts[0] == "" || parts[1] == "" {
		return "", "", false
	}
	return parts[0] + "/" + parts[1], strings.Join(parts[2:], "/"), false
}
