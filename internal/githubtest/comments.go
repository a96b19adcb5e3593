package githubtest

import (
	"encoding/json"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// mostCharacters is GitHub's limit on the body of a comment.
const mostCharacters = 65_536

func (s *Server) author() User {
	if s.scenario.Login != "" {
		return User{s.scenario.Login}
	}
	return User{Bot}
}

func (s *Server) createReview(w http.ResponseWriter, body []byte) {
	var request struct {
		CommitID string    `json:"commit_id"`
		Body     string    `json:"body"`
		Event    string    `json:"event"`
		Comments []Comment `json:"comments"`
	}
	if err := json.Unmarshal(body, &request); err != nil {
		s.violate("review: %v", err)
	}
	if request.Event == "COMMENT" && request.Body == "" || request.Event == "" {
		s.violate("review: event %q with body %q", request.Event, request.Body)
	}
	// One bad anchor rejects them all, and does not say which it was.
	for _, c := range request.Comments {
		if wrong := s.wrong(c, request.CommitID); wrong != "" {
			s.respond(w, http.StatusUnprocessableEntity, map[string]any{"message": "Unprocessable Entity", "errors": []string{wrong}})
			return
		}
	}
	for _, c := range request.Comments {
		s.nextID++
		c.ID, c.NodeID, c.User, c.CommitID = s.nextID, node(s.nextID), s.author(), request.CommitID
		s.scenario.Review = append(s.scenario.Review, c)
	}
	s.writes = append(s.writes, "review of "+strconv.Itoa(len(request.Comments)))
	s.respond(w, http.StatusOK, map[string]any{"id": s.nextID, "state": "COMMENTED", "body": request.Body})
}

func (s *Server) createComment(w http.ResponseWriter, body []byte) {
	var c Comment
	if err := json.Unmarshal(body, &c); err != nil {
		s.violate("comment: %v", err)
	}
	wrong := ""
	if c.SubjectType == "file" {
		if _, changed := s.file(c.Path); !changed || c.CommitID != s.scenario.HeadSHA {
			wrong = "pull_request_review_thread.path"
		}
	} else if s.wrong(c, c.CommitID) != "" {
		wrong = "pull_request_review_thread.line"
	}
	if wrong != "" || utf8.RuneCountInString(c.Body) > mostCharacters {
		s.respond(w, http.StatusUnprocessableEntity, map[string]any{"message": "Validation Failed", "errors": []map[string]any{
			{"resource": "PullRequestReviewComment", "code": "custom", "field": wrong, "message": "could not be resolved"},
		}})
		return
	}
	s.nextID++
	c.ID, c.NodeID, c.User = s.nextID, node(s.nextID), s.author()
	s.scenario.Review = append(s.scenario.Review, c)
	s.writes = append(s.writes, "comment on "+c.Path)
	s.respond(w, http.StatusCreated, c)
}

func (s *Server) createIssueComment(w http.ResponseWriter, body []byte) {
	var c Comment
	if err := json.Unmarshal(body, &c); err != nil || c.Body == "" {
		s.violate("conversation: %v", err)
	}
	if utf8.RuneCountInString(c.Body) > mostCharacters {
		s.respond(w, http.StatusUnprocessableEntity, map[string]any{"message": "Validation Failed"})
		return
	}
	s.nextID++
	c.ID, c.User = s.nextID, s.author()
	s.scenario.Issue = append(s.scenario.Issue, c)
	s.writes = append(s.writes, "conversation")
	s.respond(w, http.StatusCreated, c)
}

func (s *Server) edit(w http.ResponseWriter, comments []Comment, id string, body []byte) {
	var change Comment
	if err := json.Unmarshal(body, &change); err != nil {
		s.violate("edit: %v", err)
	}
	for i := range comments {
		if strconv.FormatInt(comments[i].ID, 10) != id {
			continue
		}
		if comments[i].User != s.author() {
			s.respond(w, http.StatusForbidden, map[string]any{"message": "Resource not accessible by integration"})
			return
		}
		comments[i].Body = change.Body
		s.writes = append(s.writes, "edit of "+id)
		s.respond(w, http.StatusOK, comments[i])
		return
	}
	s.respond(w, http.StatusNotFound, map[string]any{"message": "Not Found"})
}

// node is the name of a comment in GraphQL.
func node(id int64) string { return "PRRC_" + strconv.FormatInt(id, 10) }

func (s *Server) remove(w http.ResponseWriter, comments *[]Comment, id string) {
	for i, c := range *comments {
		if strconv.FormatInt(c.ID, 10) != id {
			continue
		}
		*comments = slices.Delete(slices.Clone(*comments), i, i+1)
		s.writes = append(s.writes, "deletion of "+id)
		w.WriteHeader(http.StatusNoContent)
		return
	}
	s.respond(w, http.StatusNotFound, map[string]any{"message": "Not Found"})
}

func (s *Server) file(name string) (File, bool) {
	for _, f := range s.scenario.Files {
		if f.Name == name {
			return f, true
		}
	}
	return File{}, false
}

// wrong is GitHub's complaint about the place of a comment, empty when there
// is none.
func (s *Server) wrong(c Comment, commit string) string {
	file, changed := s.file(c.Path)
	lines := commentable(file.Patch, c.Side)
	switch {
	case commit != s.scenario.HeadSHA:
		return "Commit is not part of the pull request"
	case !changed:
		return "Path could not be resolved"
	case c.Path == s.scenario.Picky, lines[c.Line] == 0:
		return "Line could not be resolved"
	case c.StartLine != 0 && c.StartLine >= c.Line:
		return "Pull request review thread start line must precede the end line."
	case c.StartLine != 0 && lines[c.StartLine] != lines[c.Line]:
		return "Pull request review thread start line must be part of the same hunk as the line."
	case utf8.RuneCountInString(c.Body) > mostCharacters:
		return "Body is too long (maximum is 65536 characters)"
	}
	return ""
}

var header = regexp.MustCompile(`^@@ -(\d+)(?:,\d+)? \+(\d+)(?:,\d+)? @@`)

// commentable maps the lines of a side that take comments to their hunk.
func commentable(patch, side string) map[int]int {
	lines := map[int]int{}
	hunk, old, now := 0, 0, 0
	for _, line := range strings.Split(patch, "\n") {
		if m := header.FindStringSubmatch(line); m != nil {
			hunk++
			old, _ = strconv.Atoi(m[1])
			now, _ = strconv.Atoi(m[2])
			continue
		}
		if hunk == 0 || line == "" {
			continue
		}
		switch line[0] {
		case '+':
			if side == "RIGHT" {
				lines[now] = hunk
			}
			now++
		case '-':
			if side == "LEFT" {
				lines[old] = hunk
			}
			old++
		case ' ':
			if side == "RIGHT" {
				lines[now] = hunk
			}
			old++
			now++
		}
	}
	return lines
}
