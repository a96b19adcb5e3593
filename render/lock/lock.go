// Package lock tells whether a chart's lock file belongs to what the chart
// declares.
package lock

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"strings"
)

// Dependency is an entry of a chart's dependencies, with every field that goes
// into the digest. Its fields are those of helm's type, in helm's order.
type Dependency struct {
	Name         string        `json:"name"`
	Version      string        `json:"version,omitempty"`
	Repository   string        `json:"repository"`
	Condition    string        `json:"condition,omitempty"`
	Tags         []string      `json:"tags,omitempty"`
	Enabled      bool          `json:"enabled,omitempty"`
	ImportValues []interface{} `json:"import-values,omitempty"`
	Alias        string        `json:"alias,omitempty"`
}

// Lock is what a lock file says.
type Lock struct {
	Digest       string
	Dependencies []Dependency
}

// Agrees compares a lock's digest with that of declared dependencies, computed
// as helm 3 does, and helm 2. It proves only that the two belong together: the
// digest is over names, versions and repositories, never over an archive. Of
// repositories that are named as in the helm configuration of whoever builds the
// chart nobody else can say, so they agree.
func Agrees(declared []Dependency, locked Lock) bool {
	for _, dep := range declared {
		if IsAlias(dep.Repository) {
			return true
		}
	}
	return locked.Digest == Digest(declared, locked) || locked.Digest == digest(map[string][]Dependency{"dependencies": declared})
}

// Digest is the digest that helm 3 writes into a lock; empty for what cannot be
// written as JSON.
func Digest(declared []Dependency, locked Lock) string {
	return digest([2][]Dependency{declared, locked.Dependencies})
}

func digest(of any) string {
	data, err := json.Marshal(of)
	if err != nil {
		return ""
	}
	sum := sha256.Sum256(data)
	return "sha256:" + hex.EncodeToString(sum[:])
}

// IsAlias says that a repository is named as in the helm configuration of
// whoever builds the chart, which nobody else knows.
func IsAlias(repository string) bool {
	return strings.HasPrefix(repository, "@") || strings.HasPrefix(repository, "alias:")
}
