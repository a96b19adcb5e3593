package main

import (
	"os"
	"path/filepath"

	"github.com/rendergate/rendergate/internal/fetch"
	"github.com/rendergate/rendergate/internal/git"
)

// charts is what fetches charts and bases. It takes from the environment what it
// needs of it: proxies, the places of logins and of the cache; so it must be made
// before the process is shut in.
func (p *program) charts() *fetch.Client {
	cache := p.getenv("RENDERGATE_CACHE")
	if cache == "" {
		// Without a home there is no such folder, and nothing is kept.
		if dir, err := os.UserCacheDir(); err == nil {
			cache = filepath.Join(dir, "rendergate")
		}
	}
	client := &fetch.Client{Network: fetch.Network(), Cache: cache, Logins: fetch.LoginsFrom(p.getenv)}
	if cloner, err := git.NewCloner(); err == nil {
		client.Git = cloner // without git a repository says so once it is wanted
	}
	return client
}
