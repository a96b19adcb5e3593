package git_test

import (
	"context"
	"encoding/base64"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rendergate/rendergate/internal/git"
	"github.com/rendergate/rendergate/internal/gittest"
)

// served is a repository of two commits behind a password.
func served(t *testing.T) (origin repository, server *gittest.Server) {
	t.Helper()
	origin = newRepository(t)
	origin.git("config", "uploadpack.allowFilter", "true")
	origin.write(map[string]string{"a/one.yaml": "1\n", "b/two.yaml": "2\n", "c.yaml": "3\n"})
	origin.commit("base")
	origin.write(map[string]string{"a/one.yaml": "one\n"})
	origin.git("mv", "b/two.yaml", "b/second.yaml")
	origin.commit("head")
	server, err := gittest.New(filepath.Dir(origin.dir))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Close)
	server.Change(gittest.Faults{Password: "not-a-token"})
	return origin, server
}

// clone makes one as actions/checkout does, with a login that it does not keep.
func clone(t *testing.T, url string, args ...string) repository {
	t.Helper()
	r := repository{t, filepath.Join(t.TempDir(), "clone")}
	login := "http.extraheader=AUTHORIZATION: basic " + base64.StdEncoding.EncodeToString([]byte("x:not-a-token"))
	cmd := exec.Command("git", append(append([]string{"-c", login, "clone", "--quiet", "--depth=1"}, args...), url, r.dir)...)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return r
}

// TestFetchesWithItsOwnLogin holds for shallow clones and for those without
// blobs or trees, whatever login they keep.
func TestFetchesWithItsOwnLogin(t *testing.T) {
	origin, server := served(t)
	url := server.URL + "/git/" + filepath.Base(origin.dir)
	base, head := origin.git("rev-parse", "base"), origin.git("rev-parse", "head")
	for name, tc := range map[string]struct {
		args []string
		keep bool
	}{
		"shallow": {nil, false}, "without blobs": {[]string{"--filter=blob:none"}, false}, "without trees": {[]string{"--filter=tree:0"}, false},
		"nothing checked out": {[]string{"--filter=tree:0", "--no-checkout"}, false}, "a kept login": {[]string{"--filter=blob:none"}, true},
	} {
		t.Run(name, func(t *testing.T) {
			r := clone(t, url, tc.args...)
			if tc.keep {
				r.git("config", "http."+server.URL+"/.extraheader", "AUTHORIZATION: basic bm90OmlU")
			}
			repo := open(t, r.dir)
			repo.Login = git.Login{URL: server.URL, Token: "not-a-token"}
			server.Requests()
			change := changed(t, repo, base, head)
			fetches := 0
			for _, request := range server.Requests() {
				if strings.HasSuffix(request, "git-upload-pack") && strings.HasPrefix(request, "POST") {
					fetches++
				}
			}
			for _, tree := range []*git.Tree{change.Base, change.Head} {
				if err := fs.WalkDir(tree, ".", func(name string, e fs.DirEntry, err error) error {
					if err == nil && !e.IsDir() {
						_, err = fs.ReadFile(tree, name)
					}
					return err
				}); err != nil {
					t.Error(err)
				}
			}
			if more := server.Requests(); len(more) > 0 || fetches > 12 {
				t.Errorf("%d fetches, and then one by one: %v", fetches, more)
			}
			if len(change.Renames()) != 1 || len(change.Files) != 2 {
				t.Errorf("got %+v", change.Files)
			}
			if config, err := os.ReadFile(filepath.Join(r.dir, ".git", "config")); err != nil || strings.Contains(string(config), "eC1hY2Nlc3M") {
				t.Errorf("the token is written down: %s, %v", config, err)
			}
		})
	}
}

// TestNoLoginSaysSo holds that what cannot be fetched is an error with a command.
func TestNoLoginSaysSo(t *testing.T) {
	origin, server := served(t)
	url := server.URL + "/git/" + filepath.Base(origin.dir)
	repo := open(t, clone(t, url).dir)
	repo.Login = git.Login{URL: "https://elsewhere.example", Token: "not-a-token"}
	_, err := repo.Resolve(context.Background(), origin.git("rev-parse", "base"))
	if err == nil || !strings.Contains(err.Error(), "fetch it with: git fetch --depth=1 origin") || strings.Contains(err.Error(), "eC1hY2Nlc3M") {
		t.Errorf("got %v", err)
	}
}

// TestWhatIsMissingIsToldWhereItIsRead: a clone that cannot be completed still
// shows the rest, and says of each file that it lacks that it is not there.
func TestWhatIsMissingIsToldWhereItIsRead(t *testing.T) {
	for _, offline := range []bool{false, true} {
		origin, server := served(t)
		r := clone(t, server.URL+"/git/"+filepath.Base(origin.dir), "--filter=blob:none", "--no-checkout")
		base := origin.git("rev-parse", "base")
		r.git("fetch", "--quiet", "--filter=blob:none", "--depth=1", origin.dir, base)
		r.git("remote", "set-url", "origin", origin.dir) // without a password
		for _, name := range []string{"c.yaml", "a/one.yaml"} {
			r.git("cat-file", "-p", base+":"+name)
		}
		r.git("remote", "set-url", "origin", filepath.Join(t.TempDir(), "gone"))
		repo := open(t, r.dir)
		repo.Offline = offline
		change := changed(t, repo, base, base)
		for name, want := range map[string]string{"b/two.yaml": "", "c.yaml": "3\n", "a/one.yaml": "1\n"} {
			data, err := fs.ReadFile(change.Base, name)
			switch {
			case want == "" && (err == nil || errors.Is(err, fs.ErrNotExist) || !strings.Contains(err.Error(), "git fetch --refetch origin")):
				t.Errorf("offline %v: %s: %q, %v", offline, name, data, err)
			case want != "" && (err != nil || string(data) != want):
				t.Errorf("offline %v: %s: %q, %v", offline, name, data, err)
			}
		}
	}
}

func open(t *testing.T, dir string) *git.Repo {
	t.Helper()
	repo, err := git.Open(context.Background(), dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := repo.Close(); err != nil {
			t.Error(err)
		}
	})
	return repo
}

func changed(t *testing.T, repo *git.Repo, from, to string) *git.Change {
	t.Helper()
	base, err := repo.Resolve(context.Background(), from)
	if err != nil {
		t.Fatal(err)
	}
	head, err := repo.Resolve(context.Background(), to)
	if err != nil {
		t.Fatal(err)
	}
	change, err := repo.Change(context.Background(), base, head)
	if err != nil {
		t.Fatal(err)
	}
	return change
}

// TestTrust reads a repository that belongs to somebody else.
func TestTrust(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("only root can give files away")
	}
	r := newRepository(t)
	r.write(map[string]string{"a.yaml": "a"})
	r.commit("head")
	if err := filepath.WalkDir(r.dir, func(name string, _ fs.DirEntry, err error) error {
		if err == nil {
			err = os.Lchown(name, 12345, 12345)
		}
		return err
	}); err != nil {
		t.Fatal(err)
	}
	if _, err := open(t, r.dir).Resolve(context.Background(), "HEAD"); err == nil {
		t.Error("git trusts everybody here")
	}
	repo := open(t, r.dir)
	repo.Trust()
	if _, err := repo.Resolve(context.Background(), "HEAD"); err != nil {
		t.Error(err)
	}
}
