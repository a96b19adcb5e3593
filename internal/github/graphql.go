package github

import (
	"context"
	"errors"
	"net/http"
	"strings"
)

// The four things that only GraphQL can. The tests hold them to GitHub's
// schema.
const (
	minimizeComment = `mutation($id: ID!) {
  minimizeComment(input: {subjectId: $id, classifier: RESOLVED}) { minimizedComment { isMinimized } }
}`
	resolveThread = `mutation($id: ID!) {
  resolveReviewThread(input: {threadId: $id}) { thread { isResolved } }
}`
	askViewer   = `query { viewer { login } }`
	listThreads = `query($owner: String!, $repo: String!, $number: Int!, $after: String) {
  repository(owner: $owner, name: $repo) {
    pullRequest(number: $number) {
      reviewThreads(first: 100, after: $after) {
        nodes { id isResolved viewerCanResolve comments(first: 1) { nodes { id } } }
        pageInfo { hasNextPage endCursor }
      }
    }
  }
}`
)

// queryErrors is what GraphQL answers with status 200 when it does not do what
// it was asked.
type queryErrors []struct {
	Type    string `json:"type"`
	Message string `json:"message"`
}

func (e queryErrors) Error() string {
	var all []string
	for _, one := range e {
		all = append(all, strings.TrimSpace(one.Type+" "+one.Message))
	}
	return "GraphQL: " + strings.Join(all, "; ")
}

// refused says that the token may not do what only GraphQL can.
func refused(err error) bool {
	var all queryErrors
	if !errors.As(err, &all) {
		return denied(err)
	}
	for _, one := range all {
		if one.Type != "FORBIDDEN" && one.Type != "INSUFFICIENT_SCOPES" && one.Type != "NOT_FOUND" {
			return false
		}
	}
	return true
}

// query asks GraphQL and reads the answer's data into out.
func (p Poster) query(ctx context.Context, query string, variables map[string]any, out any) error {
	request, err := p.Client.NewRequest(http.MethodPost, p.graphQL(), map[string]any{"query": query, "variables": variables})
	if err != nil {
		return err
	}
	answer := struct {
		Data   any         `json:"data"`
		Errors queryErrors `json:"errors"`
	}{Data: out}
	if _, err := p.Client.Do(ctx, request, &answer); err != nil {
		return err
	}
	if len(answer.Errors) > 0 {
		return answer.Errors
	}
	return nil
}

// graphQL is where the API's own GraphQL stands: beside /api/v3 on GitHub
// Enterprise Server.
func (p Poster) graphQL() string {
	if p.GraphQL != "" {
		return p.GraphQL
	}
	base := p.Client.BaseURL.String()
	if root, enterprise := strings.CutSuffix(base, "/api/v3/"); enterprise {
		return root + "/api/graphql"
	}
	return base + "graphql"
}

func (p Poster) viewer(ctx context.Context) (string, error) {
	var found struct {
		Viewer struct {
			Login string `json:"login"`
		} `json:"viewer"`
	}
	err := p.query(ctx, askViewer, map[string]any{}, &found)
	return found.Viewer.Login, err
}

func (p Poster) minimize(ctx context.Context, node string) error {
	var done struct{}
	return p.query(ctx, minimizeComment, map[string]any{"id": node}, &done)
}

func (p Poster) resolve(ctx context.Context, thread string) error {
	var done struct{}
	return p.query(ctx, resolveThread, map[string]any{"id": thread}, &done)
}

// threads are the conversations that are open and that the token may close, by
// the name of their first comment.
func (p Poster) threads(ctx context.Context) (map[string]string, error) {
	open := map[string]string{}
	variables := map[string]any{"owner": p.Owner, "repo": p.Repo, "number": p.Number}
	for {
		var found threadPage
		if err := p.query(ctx, listThreads, variables, &found); err != nil {
			return nil, err
		}
		page := found.Repository.PullRequest.ReviewThreads
		for _, thread := range page.Nodes {
			if len(thread.Comments.Nodes) > 0 && thread.ViewerCanResolve && !thread.IsResolved {
				open[thread.Comments.Nodes[0].ID] = thread.ID
			}
		}
		if !page.PageInfo.HasNextPage || page.PageInfo.EndCursor == variables["after"] {
			return open, nil
		}
		variables["after"] = page.PageInfo.EndCursor
	}
}

// threadPage is the answer to listThreads.
type threadPage struct {
	Repository struct {
		PullRequest struct {
			ReviewThreads struct {
				Nodes []struct {
					ID               string `json:"id"`
					IsResolved       bool   `json:"isResolved"`
					ViewerCanResolve bool   `json:"viewerCanResolve"`
					Comments         struct {
						Nodes []struct {
							ID string `json:"id"`
						} `json:"nodes"`
					} `json:"comments"`
				} `json:"nodes"`
				PageInfo struct {
					HasNextPage bool   `json:"hasNextPage"`
					EndCursor   string `json:"endCursor"`
				} `json:"pageInfo"`
			} `json:"reviewThreads"`
		} `json:"pullRequest"`
	} `json:"repository"`
}
