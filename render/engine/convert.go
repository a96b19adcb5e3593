package engine

import (
	"bytes"
	"encoding/json"
	"strings"
	"text/template"

	"github.com/BurntSushi/toml"
	"sigs.k8s.io/yaml"
	pretty "sigs.k8s.io/yaml/goyaml.v3"
)

// conversions are helm's own functions for YAML, TOML and JSON. None of them
// fails: what cannot be written is empty (in TOML: the message), and what
// cannot be read becomes its message, under Error or as the only item.
func conversions() template.FuncMap {
	return template.FuncMap{
		"toYaml": toYAML, "toYamlPretty": toYAMLPretty, "fromYaml": fromYAML, "fromYamlArray": fromYAMLArray,
		"toToml": toTOML, "fromToml": fromTOML,
		"toJson": toJSON, "fromJson": fromJSON, "fromJsonArray": fromJSONArray,
	}
}

func toYAML(v any) string {
	data, err := yaml.Marshal(v)
	if err != nil {
		return ""
	}
	return strings.TrimSuffix(string(data), "\n")
}

func toYAMLPretty(v any) string {
	if circular(v) {
		return "" // the encoder would follow the circle for ever
	}
	var data bytes.Buffer
	encoder := pretty.NewEncoder(&data)
	encoder.SetIndent(2)
	if err := encoder.Encode(v); err != nil {
		return ""
	}
	return strings.TrimSuffix(data.String(), "\n")
}

func toTOML(v any) string {
	if circular(v) {
		return errCircular.Error()
	}
	var data bytes.Buffer
	if err := toml.NewEncoder(&data).Encode(v); err != nil {
		return err.Error()
	}
	return data.String()
}

func toJSON(v any) string {
	data, err := json.Marshal(v)
	if err != nil {
		return ""
	}
	return string(data)
}

func fromYAML(text string) map[string]any {
	return object(func(m *map[string]any) error { return yaml.Unmarshal([]byte(text), m) })
}

func fromTOML(text string) map[string]any {
	return object(func(m *map[string]any) error { return toml.Unmarshal([]byte(text), m) })
}

func fromJSON(text string) map[string]any {
	return object(func(m *map[string]any) error { return json.Unmarshal([]byte(text), m) })
}

// object keeps what was read before an error, as helm does.
func object(unmarshal func(*map[string]any) error) map[string]any {
	m := map[string]any{}
	if err := unmarshal(&m); err != nil {
		m["Error"] = err.Error()
	}
	return m
}

func fromYAMLArray(text string) []any {
	return array(func(a *[]any) error { return yaml.Unmarshal([]byte(text), a) })
}

func fromJSONArray(text string) []any {
	return array(func(a *[]any) error { return json.Unmarshal([]byte(text), a) })
}

func array(unmarshal func(*[]any) error) []any {
	a := []any{}
	if err := unmarshal(&a); err != nil {
		return []any{err.Error()}
	}
	return a
}
