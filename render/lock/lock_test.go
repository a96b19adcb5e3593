package lock_test

import (
	"testing"

	"github.com/rendergate/rendergate/render/lock"
)

// What helm 3.22 wrote for this declaration.
func TestDigestIsHelms(t *testing.T) {
	declared := []lock.Dependency{{Name: "redis", Version: "^19.0.0", Repository: "file://../b"}}
	locked := lock.Lock{Dependencies: []lock.Dependency{{Name: "redis", Version: "19.0.1", Repository: "file://../b"}}}
	if got, want := lock.Digest(declared, locked), "sha256:5dc5272fe1baa92095cada48c2cfb80cc83fde77acb73eae4f93d332b752cc5b"; got != want {
		t.Errorf("digest %s, want %s", got, want)
	}
}

func TestAgrees(t *testing.T) {
	declared := []lock.Dependency{{Name: "redis", Version: "^19.0.0", Repository: "https://charts.example.com"}}
	locked := lock.Lock{Dependencies: []lock.Dependency{{Name: "redis", Version: "19.0.1", Repository: "https://charts.example.com"}}}
	locked.Digest = lock.Digest(declared, locked)
	if !lock.Agrees(declared, locked) {
		t.Error("a lock with its own digest does not agree")
	}
	for name, change := range map[string]func(){
		"a version was declared":    func() { declared[0].Version = "^20.0.0" },
		"a repository was declared": func() { declared[0].Repository = "https://elsewhere.example.com" },
		"a version was locked":      func() { locked.Dependencies[0].Version = "19.0.2" },
		"an entry was added":        func() { locked.Dependencies = append(locked.Dependencies, lock.Dependency{}) },
	} {
		d, l := declared[0], locked
		e := locked.Dependencies[0]
		change()
		if lock.Agrees(declared, locked) {
			t.Errorf("agrees although %s", name)
		}
		declared[0], locked = d, l
		locked.Dependencies[0] = e
	}
	declared[0].Repository = "@internal"
	if !lock.Agrees(declared, locked) {
		t.Error("a repository by alias is held against the lock")
	}
}
