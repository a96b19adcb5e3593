// Package manifest holds rendered Kubernetes objects: parsed YAML whose every
// node knows its object, its path and its line, whether it is there or absent.
//
// The package knows nothing of git, of rendering or of checks.
package manifest
