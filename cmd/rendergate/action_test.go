package main

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

type actionFile struct {
	Inputs, Outputs map[string]struct{ Description, Default, Value string }
	Runs            struct {
		Using, Image string
		Args         []string
		Steps        []struct {
			Env map[string]string
			Run string
		}
	}
}

func readAction(t *testing.T, name string) actionFile {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("../..", name))
	if err != nil {
		t.Fatal(err)
	}
	var file actionFile
	if err := yaml.Unmarshal(data, &file); err != nil {
		t.Fatal(err)
	}
	return file
}

// TestActionInputs holds that every input reaches the program or the script that
// puts it there, and that no text of a workflow's user is part of a script.
func TestActionInputs(t *testing.T) {
	action := readAction(t, "action.yml")
	step := action.Runs.Steps[0]
	if strings.Contains(step.Run, "${{") {
		t.Error("an expression in run is a way to inject commands")
	}
	passed := map[string]string{}
	for name, value := range step.Env {
		if input, found := strings.CutPrefix(value, "${{ inputs."); found {
			passed[strings.TrimSuffix(input, " }}")] = name
		}
	}
	read := inputsRead(t)
	for name, input := range action.Inputs {
		if input.Description == "" {
			t.Errorf("input %s is not described", name)
		}
		variable := passed[name]
		if own := "INPUT_" + strings.ToUpper(name); slices.Contains(read, name) && variable != own {
			t.Errorf("input %s is passed as %q, not as %s", name, variable, own)
		}
		if !slices.Contains(read, name) && !strings.HasPrefix(variable, "RENDERGATE_") {
			t.Errorf("nobody reads input %s", name)
		}
	}
	for _, name := range read {
		if _, known := action.Inputs[name]; !known {
			t.Errorf("action.yml does not have the input %s", name)
		}
	}
	for name, output := range action.Outputs {
		if output.Description == "" || output.Value != "${{ steps.rendergate.outputs."+name+" }}" {
			t.Errorf("output %s is %+v", name, output)
		}
	}
}

// inputsRead are the inputs that the program reads.
func inputsRead(t *testing.T) (names []string) {
	t.Helper()
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, found := range regexp.MustCompile(`GetInput\("([^"]+)"\)`).FindAllStringSubmatch(string(data), -1) {
			names = append(names, found[1])
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// TestActionInContainer holds that the container takes what the program reads.
func TestActionInContainer(t *testing.T) {
	action, container := readAction(t, "action.yml"), readAction(t, "docker/action.yml")
	if container.Runs.Using != "docker" || !slices.Equal(container.Runs.Args, []string{"action"}) {
		t.Errorf("it runs %+v", container.Runs)
	}
	for name, input := range container.Inputs {
		if action.Inputs[name] != input {
			t.Errorf("input %s is not that of action.yml", name)
		}
	}
	for _, name := range inputsRead(t) {
		if _, known := container.Inputs[name]; !known {
			t.Errorf("docker/action.yml does not have the input %s", name)
		}
	}
}
