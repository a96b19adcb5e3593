package report_test

import (
	"os"
	"reflect"
	"strings"
	"testing"

	"github.com/rendergate/rendergate/internal/report"
)

// TestFieldsAreDocumented holds that the page of the commands names every field of
// the JSON report.
func TestFieldsAreDocumented(t *testing.T) {
	data, err := os.ReadFile("../../docs/commands.md")
	if err != nil {
		t.Fatal(err)
	}
	_, page, found := strings.Cut(string(data), "\n## JSON\n")
	if !found {
		t.Fatal("the page has no part on JSON")
	}
	fields := 0
	seen := map[reflect.Type]bool{}
	var walk func(reflect.Type)
	walk = func(typ reflect.Type) {
		for typ.Kind() == reflect.Pointer || typ.Kind() == reflect.Slice {
			typ = typ.Elem()
		}
		if typ.Kind() != reflect.Struct || seen[typ] {
			return
		}
		seen[typ] = true
		for i := range typ.NumField() {
			name, _, _ := strings.Cut(typ.Field(i).Tag.Get("json"), ",")
			if name == "" || name == "-" {
				continue
			}
			fields++
			if !strings.Contains(page, `"`+name+`"`) {
				t.Errorf("%s of %s is not on the page", name, typ.Name())
			}
			walk(typ.Field(i).Type)
		}
	}
	walk(reflect.TypeFor[report.Report]())
	if fields < 50 {
		t.Errorf("only %d fields were looked at", fields)
	}
}
