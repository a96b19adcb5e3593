// Package config reads .rendergate.yaml: what decides and what describes.
package config

import (
	"fmt"
	"slices"
	"time"

	"github.com/bmatcuk/doublestar/v4"
	"github.com/docker/go-units"
	"go.yaml.in/yaml/v3"
)

// Name is the configuration file's path in a tree.
const Name = ".rendergate.yaml"

// File is a configuration file. Absent keys are zero; the accessors know the
// defaults.
type File struct {
	Version         int           `yaml:"version" jsonschema:"required,enum=1" jsonschema_description:"The version of this file's format."`
	FailOn          string        `yaml:"fail-on,omitempty" jsonschema:"enum=critical,enum=high,enum=medium,enum=low,enum=none,default=high" jsonschema_description:"New findings from this severity on block the merge."`
	OnUndecided     string        `yaml:"on-undecided,omitempty" jsonschema:"enum=fail,enum=warn,default=fail" jsonschema_description:"What becomes of a target that could not be looked at."`
	NewTargets      string        `yaml:"new-targets,omitempty" jsonschema:"enum=report,enum=block,default=report" jsonschema_description:"Whether findings block that a new target shares with its sibling at base."`
	RequireComplete bool          `yaml:"require-complete,omitempty" jsonschema_description:"A target of which a part is missing blocks."`
	Budget          Budget        `yaml:"budget,omitempty" jsonschema_description:"What rendering one target may cost."`
	Extends         string        `yaml:"extends,omitempty" jsonschema_description:"A configuration file of another repository, which this one is laid over: https://github.com/acme/gate//.rendergate.yaml?ref=COMMIT, with the full SHA of a commit."`
	Targets         []Target      `yaml:"targets,omitempty" jsonschema_description:"How targets are deployed. Refines what is found, never limits it."`
	Exclude         []string      `yaml:"exclude,omitempty" jsonschema_description:"Folders, and values files of variants, that are not looked at, as globs with **."`
	Together        [][]string    `yaml:"deployed-together,omitempty" jsonschema_description:"Groups of folders, as globs with **, whose targets are deployed into one cluster together: network policies of one count for the pods of the others."`
	Checks          Checks        `yaml:"checks,omitempty" jsonschema_description:"Which checks run, and how severe they are."`
	Registries      Registries    `yaml:"registries,omitempty" jsonschema_description:"Where images and charts may come from."`
	Dependencies    Dependencies  `yaml:"dependencies,omitempty" jsonschema_description:"What new versions of charts and bases from elsewhere are held against."`
	Images          Images        `yaml:"images,omitempty" jsonschema_description:"How images that the change brings are looked at for known vulnerabilities. Off unless a scanner or reports are named."`
	Workloads       []Workload    `yaml:"workloads,omitempty" jsonschema_description:"Kinds of custom resources that make pods, beyond those that are known."`
	Environments    []Environment `yaml:"environments,omitempty" jsonschema_description:"Other thresholds, checks and severities for some targets. Of several that match, the later outweighs the earlier."`
	Waivers         Waivers       `yaml:"waivers,omitempty" jsonschema_description:"Whose acceptance of findings counts, and where it is written."`
	Policies        []string      `yaml:"policies,omitempty" jsonschema_description:"Files, as globs with **, of ValidatingAdmissionPolicies with their bindings and parameters, which the base branch holds."`
	Network         Network       `yaml:"network,omitempty" jsonschema_description:"What may be fetched: none, or an object with allow, a list of URLs such as https://charts.example.com/stable/ or oci://ghcr.io/acme/ beyond those that the base branch names."`

	inherited []Checks // what the files that it extends say of checks
}

// Budget bounds the render of one target.
type Budget struct {
	Time   Duration `yaml:"time,omitempty" jsonschema_description:"For example 120s."`
	Memory Size     `yaml:"memory,omitempty" jsonschema_description:"For example 2GiB."`
}

// Target describes how one folder is deployed.
type Target struct {
	Path        string     `yaml:"path" jsonschema:"required,minLength=1" jsonschema_description:"The folder, from the root of the repository."`
	Values      [][]string `yaml:"values,omitempty" jsonschema_description:"Variants, each a list of values files, relative to the chart, else to the root; an empty list is the chart's own values. They replace the chart's conventional variants."`
	Set         []string   `yaml:"set,omitempty" jsonschema_description:"Single values in Helm's syntax."`
	Release     string     `yaml:"release,omitempty" jsonschema_description:"The release's name."`
	Namespace   string     `yaml:"namespace,omitempty" jsonschema_description:"The namespace that it is deployed to."`
	KubeVersion string     `yaml:"kube-version,omitempty" jsonschema_description:"The cluster's Kubernetes version; the newest known one unless given."`
	APIVersions []string   `yaml:"api-versions,omitempty" jsonschema_description:"API versions that the cluster has beyond the built-in ones."`
	SkipTests   bool       `yaml:"skip-tests,omitempty" jsonschema_description:"Leave out Helm's test hooks."`
}

// Checks selects checks.
type Checks struct {
	Enable   Enable            `yaml:"enable,omitempty" jsonschema_description:"all, or the ids of checks that are off by default."`
	Disable  []string          `yaml:"disable,omitempty" jsonschema_description:"Ids of checks that do not run."`
	Severity map[string]string `yaml:"severity,omitempty" jsonschema_description:"Severities by id of check."`
}

// Registries says where images and charts may come from.
type Registries struct {
	Allowed []string `yaml:"allowed,omitempty" jsonschema_description:"Prefixes such as ghcr.io/acme/. Any registry is allowed unless given."`
	Charts  []string `yaml:"charts,omitempty" jsonschema_description:"Prefixes of the addresses that charts may come from, such as https://charts.example.com/ or oci://ghcr.io/acme/. Any is allowed unless given."`
}

// Dependencies says what is asked of what others make.
type Dependencies struct {
	FailOn  string `yaml:"fail-on,omitempty" jsonschema:"enum=critical,enum=high,enum=medium,enum=low,enum=none" jsonschema_description:"New findings from this severity on block the merge where the new version of a dependency alone brings them; that of the target unless given."`
	Keyring string `yaml:"keyring,omitempty" jsonschema_description:"A file of the base branch with the OpenPGP public keys that sign charts: provenance files (.prov) beside vendored archives are verified against it."`
}

// Images says who looks at images, and what becomes of what is found.
type Images struct {
	Scanner       string   `yaml:"scanner,omitempty" jsonschema:"enum=trivy,enum=grype,enum=osv-scanner" jsonschema_description:"A scanner that is on the PATH where rendergate runs. It is asked about each image that the change brings, and about the one before."`
	Reports       []string `yaml:"reports,omitempty" jsonschema_description:"Finished reports of one scanner, JSON or SARIF: files of the work tree that are no part of the repository, as globs with **."`
	FailOn        string   `yaml:"fail-on,omitempty" jsonschema:"enum=critical,enum=high,enum=medium,enum=low,enum=none" jsonschema_description:"New vulnerabilities from this severity on block the merge; fail-on of the target unless given."`
	Least         string   `yaml:"least,omitempty" jsonschema:"enum=critical,enum=high,enum=medium,enum=low,default=low" jsonschema_description:"Vulnerabilities below this severity are left out."`
	IgnoreUnfixed bool     `yaml:"ignore-unfixed,omitempty" jsonschema_description:"Leave out vulnerabilities that no version is known to mend."`
	Ignore        []string `yaml:"ignore,omitempty" jsonschema_description:"Images that are not looked at, as globs with ** over their repositories in full, such as docker.io/library/dev-*: what nobody can pull, as names that a build replaces."`
	Registries    []string `yaml:"registries,omitempty" jsonschema_description:"Registries that images may be pulled from to be scanned, such as ghcr.io or ghcr.io/acme, beyond docker.io and those that files of the base branch name."`
	Resolve       bool     `yaml:"resolve,omitempty" jsonschema_description:"Ask the registry for the digest of a tag, so that one answer counts for all and what was scanned before is known."`
	All           bool     `yaml:"all,omitempty" jsonschema_description:"Where the whole tree is judged (scan, and code scanning of a branch), scan all its images, also those that the change leaves alone."`
	Time          Duration `yaml:"time,omitempty" jsonschema_description:"What scanning one image may take; 5m unless given."`
	Environment   []string `yaml:"environment,omitempty" jsonschema_description:"Environment variables that the scanner needs beyond the usual ones, such as AWS_PROFILE or AWS_*."`
}

// Wanted says that images are looked at.
func (i Images) Wanted() bool { return i.Scanner != "" || len(i.Reports) > 0 }

// Ignores says that an image is not looked at, by its repository in full.
func (i Images) Ignores(name string) bool {
	return slices.ContainsFunc(i.Ignore, func(pattern string) bool { return doublestar.MatchUnvalidated(pattern, name) })
}

// DefaultScan is what scanning an image may take unless configured.
const DefaultScan = 5 * time.Minute

// ScanTime is the time that scanning one image may take.
func (i Images) ScanTime() time.Duration {
	if i.Time == 0 {
		return DefaultScan
	}
	return time.Duration(i.Time)
}

// Workload is a kind of custom resource that makes pods.
type Workload struct {
	Kind string `yaml:"kind" jsonschema:"required,minLength=1" jsonschema_description:"group/Kind, such as example.com/Worker."`
	Pod  string `yaml:"pod" jsonschema:"required,minLength=1" jsonschema_description:"The way to the pod template or to its spec, such as spec.template, spec.groups[name].template (a list whose items go by name) or spec.replicas{}.template (a mapping of any keys)."`
}

// Environment is what some targets are held against, over the top level.
type Environment struct {
	Match  string `yaml:"match" jsonschema:"required,minLength=1" jsonschema_description:"The targets: a glob with ** over their folders, or over their ids."`
	FailOn string `yaml:"fail-on,omitempty" jsonschema:"enum=critical,enum=high,enum=medium,enum=low,enum=none" jsonschema_description:"New findings from this severity on block the merge there."`
	Checks Checks `yaml:"checks,omitempty" jsonschema_description:"Which checks run there beyond the top level's, and how severe they are."`
}

// Waivers says whose acceptance counts.
type Waivers struct {
	Trust     string   `yaml:"trust,omitempty" jsonschema:"enum=base,enum=file,enum=approved,default=base" jsonschema_description:"Which waivers of a pull request count for it: base, those that base has too; file, also those of its waiver file; approved, all of them once an approver approved its head."`
	Approvers []string `yaml:"approvers,omitempty" jsonschema_description:"Logins such as @octocat, and teams such as @acme/security."`
	File      string   `yaml:"file,omitempty" jsonschema:"default=.rendergate-waivers.yaml" jsonschema_description:"The waiver file, from the root of the repository."`
}

// Network says what may be fetched: none, or URL prefixes beyond those that
// base names.
type Network struct {
	None  bool
	Allow []string
}

// UnmarshalYAML reads the word none, or a mapping with allow.
func (n *Network) UnmarshalYAML(value *yaml.Node) error {
	if value.Kind == yaml.ScalarNode {
		if value.Value != "none" {
			return &yaml.TypeError{Errors: []string{fmt.Sprintf("line %d: network is none, or a mapping with allow", value.Line)}}
		}
		n.None = true
		return nil
	}
	var plain struct {
		Allow []string `yaml:"allow"`
	}
	err := value.Decode(&plain)
	n.Allow = plain.Allow
	return err
}

// Enable is the word all, or a list of ids.
type Enable struct {
	All bool
	IDs []string
}

// UnmarshalYAML reads the word all, one id, or a list of ids.
func (e *Enable) UnmarshalYAML(value *yaml.Node) error {
	if value.Kind == yaml.ScalarNode {
		if e.All = value.Value == "all"; !e.All {
			e.IDs = []string{value.Value}
		}
		return nil
	}
	return value.Decode(&e.IDs)
}

// Duration is a time.Duration as people write it, such as 90s.
type Duration time.Duration

// UnmarshalYAML reads a duration above zero.
func (d *Duration) UnmarshalYAML(value *yaml.Node) error {
	parsed, err := time.ParseDuration(value.Value)
	if err != nil || parsed <= 0 {
		return &yaml.TypeError{Errors: []string{fmt.Sprintf("line %d: %q is no duration such as 120s", value.Line, value.Value)}}
	}
	*d = Duration(parsed)
	return nil
}

// Size is a number of bytes as people write it, such as 2GiB.
type Size int64

// smallest is what a renderer needs before it renders anything.
const smallest = 128 << 20

// UnmarshalYAML reads a size that a renderer can work with.
func (s *Size) UnmarshalYAML(value *yaml.Node) error {
	parsed, err := units.RAMInBytes(value.Value)
	if err != nil {
		return &yaml.TypeError{Errors: []string{fmt.Sprintf("line %d: %q is no size such as 2GiB", value.Line, value.Value)}}
	}
	if parsed < smallest {
		return &yaml.TypeError{Errors: []string{fmt.Sprintf("line %d: %q is less than the 128MiB that rendering anything needs", value.Line, value.Value)}}
	}
	*s = Size(parsed)
	return nil
}

// DefaultBudget and DefaultMemory are what rendering a target may cost unless
// configured.
const (
	DefaultBudget = 120 * time.Second
	DefaultMemory = 2 << 30
)

// RenderTime is the time that one target may take.
func (f *File) RenderTime() time.Duration {
	if f.Budget.Time == 0 {
		return DefaultBudget
	}
	return time.Duration(f.Budget.Time)
}

// RenderMemory is how many bytes the process may occupy that renders a target.
func (f *File) RenderMemory() int64 {
	if f.Budget.Memory == 0 {
		return DefaultMemory
	}
	return int64(f.Budget.Memory)
}

// Threshold is the severity that blocks: a name, or none.
func (f *File) Threshold() string {
	if f.FailOn == "" {
		return "high"
	}
	return f.FailOn
}

// WarnOnUndecided says that what could not be looked at does not block.
func (f *File) WarnOnUndecided() bool { return f.OnUndecided == "warn" }

// BlockSpread says that a new target's findings block although its sibling at
// base has them too.
func (f *File) BlockSpread() bool { return f.NewTargets == "block" }
