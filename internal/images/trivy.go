package images

import (
	"encoding/json"
	"fmt"

	"github.com/rendergate/rendergate/checks"
)

// trivyReport is what trivy writes as JSON, as far as it is needed.
type trivyReport struct {
	SchemaVersion int
	ArtifactName  string
	ArtifactType  string
	Metadata      struct {
		OS *struct {
			Family, Name string
			EOSL         bool
		}
		ImageID     string
		RepoTags    []string
		RepoDigests []string
	}
	Results []struct {
		Target, Class   string
		Vulnerabilities []struct {
			VulnerabilityID, PkgName, InstalledVersion, FixedVersion, Severity string
		}
	}
}

func parseTrivy(data []byte) (*Report, error) {
	var t trivyReport
	if err := json.Unmarshal(data, &t); err != nil {
		return nil, fmt.Errorf("the report of trivy cannot be read: %w", err)
	}
	switch {
	case t.SchemaVersion != 2:
		return nil, fmt.Errorf("the report of trivy has schema version %d; 2 is known", t.SchemaVersion)
	case t.ArtifactType != "container_image":
		return nil, fmt.Errorf("the report of trivy is about %q, not about an image", t.ArtifactType)
	}
	r := &Report{
		Scanner: Trivy, Names: namesOf(append(t.Metadata.RepoTags, t.ArtifactName)...),
		Digests: digestsOf(append(t.Metadata.RepoDigests, t.ArtifactName)...),
	}
	if os := t.Metadata.OS; os != nil && os.EOSL {
		r.Doubts = append(r.Doubts, fmt.Sprintf("its %s %s is out of support, so that nobody lists its vulnerabilities any more", os.Family, os.Name))
	}
	if t.Metadata.OS == nil && len(t.Results) == 0 {
		r.Doubts = append(r.Doubts, "trivy knows neither its system nor any package in it")
	}
	for _, result := range t.Results {
		for _, v := range result.Vulnerabilities {
			found := checks.Vulnerability{ID: v.VulnerabilityID, Package: v.PkgName, Version: v.InstalledVersion, Fixed: v.FixedVersion}
			found.Severity, found.Rated = rated(v.Severity)
			r.Found = append(r.Found, found)
		}
	}
	return r, nil
}
