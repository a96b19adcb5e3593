package git

import (
	"encoding/base64"
	"strconv"
	"strings"
)

// Login is how fetches from a host say who they are, where the clone itself
// keeps no credentials (persist-credentials: false).
type Login struct {
	URL   string // of the host; no other one gets the token
	Token string
}

// config are settings of the one process that gets them: they stand in no file
// and in no list of arguments. The empty value first takes away what the clone
// may have kept, because two logins at once are refused.
func (l Login) config() []setting {
	if l.URL == "" || l.Token == "" {
		return nil
	}
	key := "http." + strings.TrimSuffix(l.URL, "/") + "/.extraheader"
	basic := base64.StdEncoding.EncodeToString([]byte("x-access-token:" + l.Token))
	return []setting{{key, ""}, {key, "AUTHORIZATION: basic " + basic}}
}

// setting is one of git's configuration.
type setting struct{ key, value string }

// configured are variables that add settings to those that the environment has
// already: git counts them.
func configured(env []string, settings ...setting) []string {
	count := 0
	for _, entry := range env {
		if text, found := strings.CutPrefix(entry, "GIT_CONFIG_COUNT="); found {
			if n, err := strconv.Atoi(text); err == nil { // git refuses what is no number
				count = n
			}
		}
	}
	var added []string
	for _, s := range settings {
		n := strconv.Itoa(count)
		added = append(added, "GIT_CONFIG_KEY_"+n+"="+s.key, "GIT_CONFIG_VALUE_"+n+"="+s.value)
		count++
	}
	if len(added) == 0 {
		return nil
	}
	return append(added, "GIT_CONFIG_COUNT="+strconv.Itoa(count))
}

// Trust has git read the repository although its files belong to somebody else,
// as a checkout does that is mounted into a container.
func (r *Repo) Trust() {
	r.env = append(r.env, configured(r.env, setting{"safe.directory", r.dir})...)
}
