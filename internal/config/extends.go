package config

import (
	"fmt"
	"net"
	"net/url"
	"path"
	"regexp"
	"slices"
	"strings"
)

// Extends names a configuration file of another repository, at one commit.
type Extends struct{ Repository, File, Commit string }

// String is the file as configuration names it.
func (e Extends) String() string {
	return e.Repository + "//" + e.File + "?ref=" + e.Commit
}

var isCommit = regexp.MustCompile(`^[0-9a-f]{40}$`)

// howToExtend is the one way to name such a file, as kustomize names bases.
const howToExtend = "use https://github.com/acme/gate//.rendergate.yaml?ref=COMMIT, with the full SHA of a commit"

// ParseExtends reads REPOSITORY//FILE?ref=COMMIT: a URL of https, and of a commit
// its full SHA, because a branch or a tag may be anything tomorrow.
func ParseExtends(text string) (Extends, error) {
	u, err := url.Parse(text)
	if err != nil || u.Host == "" || u.User != nil || u.Fragment != "" {
		return Extends{}, fmt.Errorf("%q is no file of a repository: %s", text, howToExtend)
	}
	ip := net.ParseIP(u.Hostname())
	if u.Scheme != "https" && (u.Scheme != "http" || u.Hostname() != "localhost" && (ip == nil || !ip.IsLoopback())) {
		return Extends{}, fmt.Errorf("%q is not https: %s", text, howToExtend)
	}
	query := u.Query()
	commit := query.Get("ref")
	if !isCommit.MatchString(commit) || len(query) != 1 || len(query["ref"]) != 1 {
		return Extends{}, fmt.Errorf("%q is not pinned to a commit: %s", text, howToExtend)
	}
	at, file, found := strings.Cut(u.Path, "//")
	if !found || !local(file) || path.Clean(file) != file || file == "." || strings.Trim(at, "/") == "" {
		return Extends{}, fmt.Errorf("%q does not say which file of which repository: %s", text, howToExtend)
	}
	return Extends{Repository: u.Scheme + "://" + u.Host + strings.TrimSuffix(at, "/"), File: file, Commit: commit}, nil
}

// Over lays a file over the one that it extends. Its keys win; lists and what is
// said of checks are added, the own ones last. What is about the files of one
// repository (targets, policies) is not taken over.
func (f *File) Over(under *File) *File {
	all := *f
	all.inherited = slices.Concat(under.inherited, []Checks{under.Checks}, f.inherited)
	all.FailOn = orElse(f.FailOn, under.FailOn)
	all.OnUndecided = orElse(f.OnUndecided, under.OnUndecided)
	all.NewTargets = orElse(f.NewTargets, under.NewTargets)
	all.RequireComplete = f.RequireComplete || under.RequireComplete
	all.Budget.Time = orElse(f.Budget.Time, under.Budget.Time)
	all.Budget.Memory = orElse(f.Budget.Memory, under.Budget.Memory)
	all.Exclude = slices.Concat(under.Exclude, f.Exclude)
	all.Together = slices.Concat(under.Together, f.Together)
	all.Registries.Allowed = slices.Concat(under.Registries.Allowed, f.Registries.Allowed)
	all.Registries.Charts = slices.Concat(under.Registries.Charts, f.Registries.Charts)
	all.Dependencies.FailOn = orElse(f.Dependencies.FailOn, under.Dependencies.FailOn)
	all.Images = f.Images.over(under.Images)
	all.Workloads = slices.Concat(under.Workloads, f.Workloads)
	all.Environments = slices.Concat(under.Environments, f.Environments)
	all.Waivers.Trust = orElse(f.Waivers.Trust, under.Waivers.Trust)
	all.Waivers.File = orElse(f.Waivers.File, under.Waivers.File)
	all.Waivers.Approvers = slices.Concat(under.Waivers.Approvers, f.Waivers.Approvers)
	if !f.Network.None {
		all.Network.Allow = slices.Concat(under.Network.Allow, f.Network.Allow)
		all.Network.None = under.Network.None && len(f.Network.Allow) == 0
	}
	return &all
}

func (i Images) over(under Images) Images {
	return Images{
		Scanner: orElse(i.Scanner, under.Scanner), Reports: slices.Concat(under.Reports, i.Reports),
		FailOn: orElse(i.FailOn, under.FailOn), Least: orElse(i.Least, under.Least), IgnoreUnfixed: i.IgnoreUnfixed || under.IgnoreUnfixed,
		Ignore: slices.Concat(under.Ignore, i.Ignore), Registries: slices.Concat(under.Registries, i.Registries), Resolve: i.Resolve || under.Resolve, All: i.All || under.All,
		Time: orElse(i.Time, under.Time), Environment: slices.Concat(under.Environment, i.Environment),
	}
}

// AllChecks is what the files that this one extends say of checks, and what it
// says itself, which outweighs them.
func (f *File) AllChecks() []Checks { return append(slices.Clone(f.inherited), f.Checks) }

// OnlyThere lists the keys of an extended file that are not taken over.
func (f *File) OnlyThere() []string {
	var keys []string
	if len(f.Targets) > 0 {
		keys = append(keys, "targets")
	}
	if len(f.Policies) > 0 {
		keys = append(keys, "policies")
	}
	return keys
}

func orElse[T comparable](value, otherwise T) T {
	var none T
	if value == none {
		return otherwise
	}
	return value
}
