package policy

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/google/cel-go/cel"
	"github.com/google/cel-go/common/ast"
	admission "k8s.io/api/admissionregistration/v1"
	plugin "k8s.io/apiserver/pkg/admission/plugin/cel"
	"k8s.io/apiserver/pkg/cel/environment"
)

// program is a policy's expressions, compiled.
type program struct {
	conditions  []expression
	validations []expression
	names       map[string]bool // that any expression reads
}

// expression is one that is evaluated alone, so that it is known what it reads.
type expression struct {
	name    string // of a condition
	text    string
	class   string // what tells a validation from the others, whatever their order
	message string
	made    plugin.ConditionEvaluator
	tells   plugin.ConditionEvaluator // the message; nil where it is constant
	reads   map[string]bool
}

// source is an expression with the types that it may have.
type source struct {
	name, text string
	types      []*cel.Type
}

func (s source) GetExpression() string    { return s.text }
func (s source) GetName() string          { return s.name }
func (s source) ReturnTypes() []*cel.Type { return s.types }

var (
	truth = []*cel.Type{cel.BoolType}
	words = []*cel.Type{cel.StringType}
	any1  = []*cel.Type{cel.AnyType, cel.DynType}
	maybe = []*cel.Type{cel.StringType, cel.NullType}
)

// base is the environment of the API server, made when the first policy needs
// it.
var base = sync.OnceValue(func() *environment.EnvSet {
	return environment.MustBaseEnvSet(environment.DefaultCompatibilityVersion())
})

// maxExpressions and maxText bound what a file makes the compiler do.
const (
	maxExpressions = 500
	maxText        = 64 << 10
)

// compile compiles every expression as the API server does.
func (p *policy) compile() (err error) {
	defer func() {
		if r := recover(); r != nil { // head's policies are anybody's
			err = fmt.Errorf("it cannot be compiled: %v", r)
		}
	}()
	spec := p.Spec
	if len(spec.Variables)+len(spec.Validations)+len(spec.MatchConditions)+len(spec.AuditAnnotations) > maxExpressions {
		return fmt.Errorf("it has more than %d expressions", maxExpressions)
	}
	compiler, err := plugin.NewCompositedCompiler(base())
	if err != nil {
		return err
	}
	env, err := compiler.Env(environment.StoredExpressions)
	if err != nil {
		return err
	}
	c := compilation{compiler, env, plugin.OptionalVariableDeclarations{HasParams: spec.ParamKind != nil, HasAuthorizer: true}, map[string]map[string]bool{}}
	p.names = map[string]bool{}
	for _, v := range spec.Variables {
		reads, err := c.reads(v.Expression)
		if err != nil {
			return fmt.Errorf("variables.%s: %w", v.Name, err)
		}
		c.variables[v.Name] = reads
		made := compiler.CompileAndStoreVariable(source{v.Name, v.Expression, any1}, c.declared, environment.StoredExpressions)
		if made.Error != nil {
			return fmt.Errorf("variables.%s: %s", v.Name, made.Error.Detail)
		}
	}
	for _, m := range spec.MatchConditions {
		e, err := c.expression(source{m.Name, m.Expression, truth})
		if err != nil {
			return fmt.Errorf("matchConditions %s: %w", m.Name, err)
		}
		p.conditions = append(p.conditions, e)
	}
	for i, v := range spec.Validations {
		e, err := c.validation(v)
		if err != nil {
			return fmt.Errorf("validations[%d]: %w", i, err)
		}
		p.validations = append(p.validations, e)
	}
	for i, a := range spec.AuditAnnotations {
		if _, err := c.expression(source{a.Key, a.ValueExpression, maybe}); err != nil {
			return fmt.Errorf("auditAnnotations[%d]: %w", i, err)
		}
	}
	for _, e := range slices.Concat(p.conditions, p.validations) {
		for name := range e.reads {
			p.names[name] = true
		}
	}
	return nil
}

// compilation compiles the expressions of one policy.
type compilation struct {
	*plugin.CompositedCompiler
	env       *cel.Env
	declared  plugin.OptionalVariableDeclarations
	variables map[string]map[string]bool // to what each reads
}

func (c compilation) validation(v admission.Validation) (expression, error) {
	e, err := c.expression(source{"", v.Expression, truth})
	if err != nil {
		return e, err
	}
	sum := sha256.Sum256([]byte(strings.Join(strings.Fields(v.Expression), " ")))
	e.class, e.message = hex.EncodeToString(sum[:4]), strings.TrimSpace(v.Message)
	if v.MessageExpression == "" {
		return e, nil
	}
	c.declared.HasAuthorizer = false
	told, err := c.expression(source{"", v.MessageExpression, words})
	if err != nil {
		return e, fmt.Errorf("messageExpression: %w", err)
	}
	e.tells = told.made
	return e, nil
}

func (c compilation) expression(s source) (expression, error) {
	reads, err := c.reads(s.text)
	if err != nil {
		return expression{}, err
	}
	made := c.CompileCondition([]plugin.ExpressionAccessor{s}, c.declared, environment.StoredExpressions)
	if errs := made.CompilationErrors(); len(errs) > 0 {
		return expression{}, fmt.Errorf("%s", strings.TrimSpace(errs[0].Error()))
	}
	return expression{name: s.name, text: strings.TrimSpace(s.text), made: made, reads: reads}, nil
}

// reads are the names that an expression looks at: oldObject, authorizer,
// request.operation and the like, through variables too.
func (c compilation) reads(text string) (map[string]bool, error) {
	if len(text) > maxText {
		return nil, fmt.Errorf("the expression is longer than %d KiB", maxText>>10)
	}
	parsed, issues := c.env.Parse(text)
	if issues.Err() != nil {
		return nil, issues.Err()
	}
	all := map[string]bool{}
	ast.PreOrderVisit(parsed.NativeRep().Expr(), ast.NewExprVisitor(func(e ast.Expr) {
		switch e.Kind() {
		case ast.IdentKind:
			all[e.AsIdent()] = true
		case ast.SelectKind:
			if of := e.AsSelect().Operand(); of.Kind() == ast.IdentKind {
				all[of.AsIdent()+"."+e.AsSelect().FieldName()] = true
				for name := range c.variables[e.AsSelect().FieldName()] {
					all[name] = true
				}
			}
		}
	}))
	return all, nil
}

// transitions says that a policy looks at what a change does, or is about
// deletions.
func (p *policy) transitions() bool {
	if p.names["oldObject"] || p.names["request.operation"] {
		return true
	}
	return slices.ContainsFunc(p.Spec.MatchConstraints.ResourceRules, func(r admission.NamedRuleWithOperations) bool {
		return slices.Contains(r.Operations, admission.Delete) || slices.Contains(r.Operations, admission.OperationAll)
	})
}
