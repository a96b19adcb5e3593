package fetch_test

import (
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/rendergate/rendergate/internal/fetch"
	"github.com/rendergate/rendergate/internal/git"
	"github.com/rendergate/rendergate/internal/gittest"
	"github.com/rendergate/rendergate/render"
)

// repository makes a repository with a commit for each text, tagged v1, v2, …
func repository(t *testing.T, dir string, texts ...string) (commits []string) {
	t.Helper()
	run := func(args ...string) string {
		cmd := exec.Command("git", append([]string{"-C", dir, "-c", "user.name=a", "-c", "user.email=a@example.com"}, args...)...)
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Fatalf("git %v: %s", args, out)
		}
		return strings.TrimSpace(string(out))
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	run("init", "--quiet", "--initial-branch=main")
	for i, text := range texts {
		write(t, filepath.Join(dir, "base", "pod.yaml"), text)
		run("add", "--all")
		run("commit", "--quiet", "--message=x")
		run("tag", "--annotate", "--message=x", "v"+string(rune('1'+i)))
		commits = append(commits, run("rev-parse", "HEAD"))
	}
	return commits
}

func gitServer(t *testing.T) (*gittest.Server, string) {
	t.Helper()
	dir := t.TempDir()
	server, err := gittest.New(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Close)
	return server, dir
}

func bases(t *testing.T, env map[string]string, patience time.Duration, allowed ...string) *fetch.Source {
	t.Helper()
	var prefixes fetch.Prefixes
	for _, text := range allowed {
		p, err := fetch.ParsePrefix(text)
		if err != nil {
			t.Fatal(err)
		}
		prefixes = append(prefixes, p)
	}
	cloner, err := git.NewCloner()
	if err != nil {
		t.Fatal(err)
	}
	getenv := func(name string) string { return env[name] }
	source := (&fetch.Client{Network: fetch.Network(), Logins: fetch.LoginsFrom(getenv), Git: cloner, Patience: patience}).From(prefixes)
	t.Cleanup(func() {
		if err := source.Close(); err != nil {
			t.Error(err)
		}
	})
	return source
}

func pod(t *testing.T, base *fetch.Base, err error) string {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	data, err := fs.ReadFile(base.Tree, "base/pod.yaml")
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// TestRefs: branches, tags, commits and none, as git fetch takes them.
func TestRefs(t *testing.T) {
	server, dir := gitServer(t)
	commits := repository(t, filepath.Join(dir, "org", "app"), "one", "two")
	at := server.URL + "/git/org/app"
	source := bases(t, nil, 0, at)
	for ref, want := range map[string]string{"v1": "one", "v2": "two", "": "two", "main": "two", "refs/tags/v1": "one", commits[0]: "one"} {
		base, err := source.Base(t.Context(), render.Remote{Repository: at, Ref: ref})
		if got := pod(t, base, err); got != want {
			t.Errorf("%q is %q", ref, got)
		}
	}
	server.Requests()
	if _, err := source.Base(t.Context(), render.Remote{Repository: at, Ref: "v1", Dir: "base"}); err != nil || len(server.Requests()) > 0 {
		t.Errorf("the same commit is asked for twice: %v", err)
	}
	_, err := source.Base(t.Context(), render.Remote{Repository: at, Ref: "v9"})
	if err == nil || !strings.Contains(err.Error(), "couldn't find remote ref v9") {
		t.Errorf("v9: %v", err)
	}
	_, err = source.Base(t.Context(), render.Remote{Repository: server.URL + "/git/org/none", Ref: "v1"})
	var no *fetch.NotAllowed
	if !errors.As(err, &no) || no.URL != server.URL+"/git/org/none/" {
		t.Errorf("another repository: %v", err)
	}
}

// TestHostileRefs: what stands in a pull request is never an option, a rule or
// a program of git's.
func TestHostileRefs(t *testing.T) {
	server, dir := gitServer(t)
	repository(t, filepath.Join(dir, "app"), "one")
	at := server.URL + "/git/app"
	source := bases(t, nil, 0, server.URL)
	server.Requests()
	touched := filepath.Join(t.TempDir(), "touched")
	for _, ref := range []string{
		"--upload-pack=touch " + touched, "-upload-pack", "--upload-pack=touch" + touched, "a:refs/heads/b", "+main", "^main", "main..v1", "main@{1}",
		"../main", "main/../v1", "a b", "a\nb", "a\x00b", "*", "refs/*", "main.lock", ".main", "-c", "v1~1",
	} {
		_, err := source.Base(t.Context(), render.Remote{Repository: at, Ref: ref})
		if !errors.Is(err, git.ErrRef) {
			t.Errorf("%q: %v", ref, err)
		}
	}
	for _, repository := range []string{"ext::sh -c touch% " + touched, "--upload-pack=touch " + touched, "file://" + dir + "/app", "ssh://git@127.0.0.1/app", "git://127.0.0.1/app", dir + "/app", "http://elsewhere.example.com/app"} {
		if _, err := source.Base(t.Context(), render.Remote{Repository: repository, Ref: "v1"}); err == nil {
			t.Errorf("%q is fetched", repository)
		}
	}
	if _, err := os.Stat(touched); err == nil {
		t.Error("something was started")
	}
	if asked := server.Requests(); len(asked) > 0 {
		t.Errorf("the server was asked: %v", asked)
	}
}

// TestHostileHosts: one that leads elsewhere, never ends, never answers or
// wants to know who asks.
func TestHostileHosts(t *testing.T) {
	server, dir := gitServer(t)
	other, _ := gitServer(t)
	repository(t, filepath.Join(dir, "app"), "one")
	write(t, filepath.Join(dir, "x.yaml"), "kind: Pod\n")
	remotes := map[string]render.Remote{"git": {Repository: server.URL + "/git/app", Ref: "v1"}, "file": {File: server.URL + "/files/x.yaml"}}
	for name, c := range map[string]struct {
		faults gittest.Faults
		want   string
	}{
		"redirect": {gittest.Faults{Redirect: strings.Replace(other.URL, "127.0.0.1", "localhost", 1)}, "does not name http://localhost:"},
		"down":     {gittest.Faults{Down: true}, "answers 500"},
		"password": {gittest.Faults{Password: "secret"}, "answers 401"},
		"silent":   {gittest.Faults{Silent: true}, "it took too long"},
	} {
		server.Change(c.faults)
		source := bases(t, nil, 2*time.Second, server.URL)
		for kind, r := range remotes {
			if _, err := source.Base(t.Context(), r); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%s, %s: %v", name, kind, err)
			}
		}
	}
	if asked := other.Requests(); len(asked) > 0 {
		t.Errorf("the redirect was followed: %v", asked)
	}
	server.Change(gittest.Faults{Endless: true})
	source := bases(t, nil, 20*time.Second, server.URL)
	for kind, r := range remotes {
		if _, err := source.Base(t.Context(), r); err == nil {
			t.Errorf("endless, %s: no error", kind)
		}
	}
}

// TestLoginsStayHere: git is never told a login, and its host is.
func TestLoginsStayHere(t *testing.T) {
	server, dir := gitServer(t)
	repository(t, filepath.Join(dir, "app"), "one")
	server.Change(gittest.Faults{Password: "secret"})
	netrc := filepath.Join(t.TempDir(), "netrc")
	write(t, netrc, "machine 127.0.0.1 login me password secret\n")
	source := bases(t, map[string]string{"NETRC": netrc}, 0, server.URL)
	base, err := source.Base(t.Context(), render.Remote{Repository: server.URL + "/git/app", Ref: "v1"})
	if got := pod(t, base, err); got != "one" {
		t.Errorf("got %q", got)
	}
}

// TestNoConfigurationReachesGit: what the user's git is told to do, a
// substitute for a URL or a program, has no effect on what a pull request names.
func TestNoConfigurationReachesGit(t *testing.T) {
	server, dir := gitServer(t)
	repository(t, filepath.Join(dir, "app"), "one")
	home, touched := t.TempDir(), filepath.Join(t.TempDir(), "touched")
	write(t, filepath.Join(home, ".gitconfig"), "[url \"ext::touch "+touched+"\"]\n\tinsteadOf = http://\n[core]\n\tsshCommand = touch "+touched+"\n[protocol]\n\tallow = always\n")
	t.Setenv("HOME", home)
	t.Setenv("GIT_CONFIG_GLOBAL", filepath.Join(home, ".gitconfig"))
	t.Setenv("GIT_CONFIG_COUNT", "1")
	t.Setenv("GIT_CONFIG_KEY_0", "url.ext::touch.insteadOf")
	t.Setenv("GIT_CONFIG_VALUE_0", "http://")
	t.Setenv("GIT_DIR", filepath.Join(dir, "nowhere"))
	source := bases(t, nil, 0, server.URL)
	base, err := source.Base(t.Context(), render.Remote{Repository: server.URL + "/git/app", Ref: "v1"})
	if got := pod(t, base, err); got != "one" {
		t.Errorf("got %q", got)
	}
	if _, err := os.Stat(touched); err == nil {
		t.Error("something was started")
	}
}

// TestHostileRepositories: files and trees that would fill the memory.
func TestHostileRepositories(t *testing.T) {
	server, dir := gitServer(t)
	app := filepath.Join(dir, "app")
	repository(t, app, "one")
	run := func(input string, args ...string) string {
		cmd := exec.Command("git", append([]string{"-C", app, "-c", "user.name=a", "-c", "user.email=a@example.com"}, args...)...)
		cmd.Stdin = strings.NewReader(input)
		out, err := cmd.Output()
		if err != nil {
			t.Fatalf("git %v: %v", args, err)
		}
		return strings.TrimSpace(string(out))
	}
	commit := func(branch, tree string) {
		run("", "branch", branch, run("", "commit-tree", "-m", "x", tree))
	}
	large := run(strings.Repeat("\x00", 65<<20), "hash-object", "-w", "--stdin")
	commit("large", run("100644 blob "+large+"\tlarge\n", "mktree"))
	tree := run("100644 blob "+run("x", "hash-object", "-w", "--stdin")+"\tx\n", "mktree")
	for range 9 { // ten to the ninth files
		var list strings.Builder
		for i := range 10 {
			list.WriteString("040000 tree " + tree + "\t" + string(rune('a'+i)) + "\n")
		}
		tree = run(list.String(), "mktree")
	}
	commit("bomb", tree)
	source := bases(t, nil, 0, server.URL)
	for ref, want := range map[string]string{"large": "more than 64 MiB", "bomb": "more than 200000 files"} {
		if _, err := source.Base(t.Context(), render.Remote{Repository: server.URL + "/git/app", Ref: ref}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", ref, err)
		}
	}
}
