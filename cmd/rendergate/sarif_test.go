package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// results FILE prints the grave results of a SARIF file: rule, state, place and
// fingerprint.
func results(args []string) int {
	data, err := os.ReadFile(filepath.Clean(args[0]))
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	var doc struct {
		Runs []struct {
			AutomationDetails struct{ ID string }
			Results           []struct {
				RuleID, Level string
				Locations     []struct {
					PhysicalLocation struct {
						ArtifactLocation struct{ URI string }
						Region           struct{ StartLine int }
					}
				}
				PartialFingerprints map[string]string
				Properties          struct{ State string }
			}
		}
	}
	if err := json.Unmarshal(data, &doc); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	for _, run := range doc.Runs {
		fmt.Println("category", strings.TrimSuffix(run.AutomationDetails.ID, "/"))
		for _, r := range run.Results {
			if at := r.Locations[0].PhysicalLocation; r.Level == "error" {
				fmt.Printf("%s %s %s:%d %s\n", r.RuleID, r.Properties.State, at.ArtifactLocation.URI, at.Region.StartLine, r.PartialFingerprints["primaryLocationLineHash"])
			}
		}
	}
	return 0
}
