package fetch

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"github.com/google/go-containerregistry/pkg/authn"
)

// Logins are what this machine knows for hosts: netrc's for chart repositories,
// and those that docker login and helm registry login wrote for registries.
// Credential helpers are programs and are never started.
type Logins struct {
	hosts      map[string]login
	registries map[string]authn.AuthConfig
	helpers    bool // some login is kept by a credential helper
}

type login struct{ user, password string }

// LoginsFrom takes from the environment where the logins are, before it is
// taken away from the process; they are read once they are needed.
func LoginsFrom(getenv func(string) string) func() (Logins, error) {
	home := getenv("HOME")
	registries := []string{
		first(getenv("DOCKER_CONFIG"), "config.json", filepath.Join(home, ".docker", "config.json")),
		first(getenv("HELM_REGISTRY_CONFIG"), "", filepath.Join(home, ".config", "helm", "registry", "config.json")),
	}
	netrc := first(getenv("NETRC"), "", filepath.Join(home, ".netrc"))
	return sync.OnceValues(func() (Logins, error) {
		l := Logins{hosts: map[string]login{}, registries: map[string]authn.AuthConfig{}}
		var failed []error
		for _, file := range registries {
			failed = append(failed, l.readRegistries(file))
		}
		data, err := read(netrc)
		l.readNetrc(string(data))
		return l, errors.Join(append(failed, err)...)
	})
}

func first(dir, name, otherwise string) string {
	if dir != "" {
		return filepath.Join(dir, name)
	}
	return otherwise
}

// read reads a file that need not be there.
func read(file string) ([]byte, error) {
	data, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	return data, err
}

func (l *Logins) readRegistries(file string) error {
	data, err := read(file)
	if err != nil || len(data) == 0 {
		return err
	}
	var config struct {
		Auths       map[string]authn.AuthConfig `json:"auths"`
		CredsStore  string                      `json:"credsStore"`
		CredHelpers map[string]string           `json:"credHelpers"`
	}
	if err := json.Unmarshal(data, &config); err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	l.helpers = l.helpers || config.CredsStore != "" || len(config.CredHelpers) > 0
	for host, auth := range config.Auths {
		host = strings.TrimSuffix(strings.TrimPrefix(strings.TrimPrefix(host, "https://"), "http://"), "/")
		host = strings.TrimSuffix(strings.TrimSuffix(host, "/v1"), "/v2")
		if auth != (authn.AuthConfig{}) {
			l.registries[host] = auth
		}
	}
	return nil
}

// readNetrc takes the machines; a default login would go to anybody.
func (l *Logins) readNetrc(text string) {
	words := strings.Fields(text)
	host := ""
	for i := 0; i+1 < len(words); i += 2 {
		switch key, value := words[i], words[i+1]; key {
		case "machine":
			host = strings.ToLower(value)
		case "default":
			host = ""
			i--
		case "login":
			l.hosts[host] = login{value, l.hosts[host].password}
		case "password":
			l.hosts[host] = login{l.hosts[host].user, value}
		}
	}
	delete(l.hosts, "")
}

// Resolve implements authn.Keychain. What is known for docker.io counts for
// all names of that registry.
func (l Logins) Resolve(at authn.Resource) (authn.Authenticator, error) {
	names := []string{at.RegistryStr()}
	if host := at.RegistryStr(); host == "index.docker.io" || host == "registry-1.docker.io" {
		names = append(names, "index.docker.io", "docker.io", "registry-1.docker.io")
	}
	for _, name := range names {
		if auth, known := l.registries[name]; known {
			return authn.FromConfig(auth), nil
		}
	}
	return authn.Anonymous, nil
}
