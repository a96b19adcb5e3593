package images

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/rendergate/rendergate/checks"
)

// osvReport is what osv-scanner writes as JSON, as far as it is needed. It names
// no image.
type osvReport struct {
	Results []struct {
		Packages []struct {
			Package struct {
				Name    string `json:"name"`
				Version string `json:"version"`
			} `json:"package"`
			Vulnerabilities []osvVulnerability `json:"vulnerabilities"`
			// Groups join what several databases say of one vulnerability.
			Groups []osvGroup `json:"groups"`
		} `json:"packages"`
	} `json:"results"`
	ImageMetadata *struct {
		OS string `json:"os"`
	} `json:"image_metadata"`
}

type osvGroup struct {
	IDs         []string `json:"ids"`
	Aliases     []string `json:"aliases"`
	MaxSeverity string   `json:"max_severity"`
}

type osvVulnerability struct {
	ID       string `json:"id"`
	Affected []struct {
		Package struct {
			Name string `json:"name"`
		} `json:"package"`
		Ranges []struct {
			Events []struct {
				Fixed string `json:"fixed"`
			} `json:"events"`
		} `json:"ranges"`
	} `json:"affected"`
}

func parseOSV(data []byte) (*Report, error) {
	var o osvReport
	if err := json.Unmarshal(data, &o); err != nil {
		return nil, fmt.Errorf("the report of osv-scanner cannot be read: %w", err)
	}
	if o.ImageMetadata == nil {
		return nil, errors.New("the report of osv-scanner is not about an image")
	}
	r := &Report{Scanner: OSV}
	for _, result := range o.Results {
		for _, p := range result.Packages {
			grouped := 0
			for _, g := range p.Groups {
				grouped += len(g.IDs)
				score, err := strconv.ParseFloat(g.MaxSeverity, 64)
				if err != nil {
					score = 0 // it is empty where nobody rated it
				}
				found := checks.Vulnerability{ID: g.id(), Package: p.Package.Name, Version: p.Package.Version, Fixed: fixedOf(p.Vulnerabilities, g.IDs, p.Package.Name)}
				found.Severity, found.Rated = scored(score)
				r.Found = append(r.Found, found)
			}
			if grouped < len(p.Vulnerabilities) {
				return nil, fmt.Errorf("the report of osv-scanner has vulnerabilities of %s that are in none of its groups", p.Package.Name)
			}
		}
	}
	return r, nil
}

// id is a name that stays while databases join in: of CVE where there is one.
func (g osvGroup) id() string {
	all := slices.Sorted(slices.Values(slices.Concat(g.IDs, g.Aliases)))
	if i := slices.IndexFunc(all, func(id string) bool { return strings.HasPrefix(id, "CVE-") }); i >= 0 {
		return all[i]
	}
	if len(all) == 0 {
		return ""
	}
	return all[0]
}

// fixedOf are the versions of a package that mend some vulnerabilities.
func fixedOf(all []osvVulnerability, ids []string, name string) string {
	versions := ""
	for _, v := range all {
		if !slices.Contains(ids, v.ID) {
			continue
		}
		for _, a := range v.Affected {
			for _, r := range a.Ranges {
				for _, e := range r.Events {
					if a.Package.Name == name {
						versions = joined(versions, e.Fixed)
					}
				}
			}
		}
	}
	return versions
}
