package images

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/rendergate/rendergate/checks"
)

// grypeReport is what grype writes as JSON, as far as it is needed.
type grypeReport struct {
	Matches []struct {
		Vulnerability struct {
			ID       string `json:"id"`
			Severity string `json:"severity"`
			Fix      struct {
				Versions []string `json:"versions"`
			} `json:"fix"`
		} `json:"vulnerability"`
		Artifact struct {
			Name    string `json:"name"`
			Version string `json:"version"`
		} `json:"artifact"`
	} `json:"matches"`
	Source *struct {
		Type   string          `json:"type"`
		Target json.RawMessage `json:"target"`
	} `json:"source"`
	Descriptor struct {
		Name string `json:"name"`
	} `json:"descriptor"`
}

// grypeImage is the target of a report about an image.
type grypeImage struct {
	UserInput      string   `json:"userInput"`
	ManifestDigest string   `json:"manifestDigest"`
	Tags           []string `json:"tags"`
	RepoDigests    []string `json:"repoDigests"`
}

func parseGrype(data []byte) (*Report, error) {
	var g grypeReport
	if err := json.Unmarshal(data, &g); err != nil {
		return nil, fmt.Errorf("the report of grype cannot be read: %w", err)
	}
	switch {
	case g.Descriptor.Name != "grype":
		return nil, fmt.Errorf("the report has matches, but is by %q, not by grype", g.Descriptor.Name)
	case g.Source == nil || g.Source.Type != "image":
		return nil, errors.New("the report of grype is not about an image")
	}
	var image grypeImage
	if err := json.Unmarshal(g.Source.Target, &image); err != nil {
		return nil, fmt.Errorf("the report of grype cannot be read: %w", err)
	}
	input := strings.TrimPrefix(image.UserInput, "registry:")
	r := &Report{
		Scanner: Grype, Names: namesOf(append(image.Tags, input)...),
		Digests: digestsOf(append(image.RepoDigests, image.ManifestDigest, input)...),
	}
	for _, m := range g.Matches {
		found := checks.Vulnerability{
			ID: m.Vulnerability.ID, Package: m.Artifact.Name, Version: m.Artifact.Version, Fixed: strings.Join(m.Vulnerability.Fix.Versions, ", "),
		}
		found.Severity, found.Rated = rated(m.Vulnerability.Severity)
		r.Found = append(r.Found, found)
	}
	return r, nil
}
