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
	client := &fetch.Client{Network: fetch.Network(), Cache: p.cache(), Logins: fetch.LoginsFrom(p.getenv)}
	if cloner, err := git.NewCloner(); err == nil {
		client.Git = cloner // without git a repository says so once it is wanted
	}
	return client
}

// cache is the folder of what was fetched before. Without a home there is none,
// and nothing is kept.
func (p *program) cache() string {
	if cache := p.getenv("RENDERGATE_CACHE"); cache != "" {
		return cache
	}
	dir, err := os.UserCacheDir()
	if err != nil {
		return ""
	}
	return filepath.Join(dir, "rendergate")
}
