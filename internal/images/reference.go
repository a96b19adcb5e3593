package images

import (
	"fmt"
	"strings"

	"github.com/distribution/reference"
)

// Reference is an image's, in full: with its registry and its namespace.
type Reference struct {
	Repository string // docker.io/library/nginx
	Tag        string // latest where nothing else is said; empty behind which a digest stands alone
	Digest     string // sha256:…; empty for none
}

// ParseReference reads what a container says of its image. What it takes begins
// with a letter or a digit, so that no program takes it for an option.
func ParseReference(text string) (Reference, error) {
	named, err := reference.ParseNormalizedNamed(text)
	if err != nil {
		return Reference{}, fmt.Errorf("%q is no reference of an image: %w", text, err)
	}
	r := Reference{Repository: named.Name()}
	if digested, ok := named.(reference.Digested); ok {
		r.Digest = digested.Digest().String()
	}
	if tagged, ok := named.(reference.Tagged); ok {
		r.Tag = tagged.Tag()
	}
	if r.Digest == "" && r.Tag == "" {
		r.Tag = "latest"
	}
	if first := r.Repository[0]; first != '[' && !('a' <= first && first <= 'z' || 'A' <= first && first <= 'Z' || '0' <= first && first <= '9') {
		return Reference{}, fmt.Errorf("%q is no reference of an image", text)
	}
	return r, nil
}

// String is what a registry and a scanner are asked for: the digest, where there is
// one, and not what it was tagged besides.
func (r Reference) String() string {
	if r.Digest != "" {
		return r.Repository + "@" + r.Digest
	}
	return r.Repository + ":" + r.Tag
}

// Registry is the host that has the image.
func (r Reference) Registry() string {
	host, _, _ := strings.Cut(r.Repository, "/")
	return host
}

// isDigest says that a text is the digest of some content.
func isDigest(text string) bool {
	algorithm, hex, found := strings.Cut(text, ":")
	return found && (algorithm == "sha256" && len(hex) == 64 || algorithm == "sha512" && len(hex) == 128) && strings.Trim(hex, "0123456789abcdef") == ""
}
