// Command dashboards checks Grafana dashboards, each a JSON file named as an argument: by Grafana's own schema, which it is strictly
// decoded by, by what a page of panels needs, and by Prometheus' parser for every expression in it. promtool, which checks rules, is built
// from the same module.
package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"regexp"
	"strings"

	"github.com/grafana/grafana-foundation-sdk/go/cog"
	"github.com/grafana/grafana-foundation-sdk/go/cog/plugins"
	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
	"github.com/grafana/grafana-foundation-sdk/go/prometheus"
	"github.com/prometheus/prometheus/promql/parser"
)

func main() {
	plugins.RegisterDefaultPlugins()
	status := 0
	for _, path := range os.Args[1:] {
		raw, err := os.ReadFile(path)
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(2)
		}
		for _, problem := range check(raw) {
			fmt.Printf("%s: %v\n", path, problem)
			status = 1
		}
	}
	os.Exit(status)
}

func check(raw []byte) []error {
	var board dashboard.Dashboard
	// Some of the generated strict code gives an empty list of errors where it means none, and then keeps nothing of a panel; so what is
	// looked at below is decoded once more.
	var strict dashboard.Dashboard
	if err := strict.UnmarshalJSONStrict(raw); err != nil && err.Error() != "" {
		return []error{err}
	}
	if err := json.Unmarshal(raw, &board); err != nil {
		return []error{err}
	}
	if err := board.Validate(); err != nil && err.Error() != "" {
		return []error{err}
	}
	problems := lost(raw, board)
	say := func(format string, values ...any) { problems = append(problems, fmt.Errorf(format, values...)) }
	if board.Uid == nil || !regexp.MustCompile(`^[a-zA-Z0-9_-]{8,40}$`).MatchString(*board.Uid) {
		say("uid is none that Grafana takes")
	}
	if board.Title == nil || *board.Title == "" {
		say("there is no title")
	}
	known := map[string]bool{"__rate_interval": true, "__range": true, "__interval": true}
	for _, variable := range board.Templating.List {
		known[variable.Name] = true
	}
	for _, variable := range board.Templating.List {
		if variable.Type == dashboard.VariableTypeQuery {
			if err := checkVariable(variable, known); err != nil {
				say("variable %s: %w", variable.Name, err)
			}
		}
	}
	seen := map[uint32]bool{}
	places := []dashboard.GridPos{}
	for index, panel := range board.Panels {
		id, place, title := uint32(0), dashboard.GridPos{}, ""
		switch {
		case panel.RowPanel != nil:
			row := panel.RowPanel
			id, title = row.Id, text(row.Title)
			if row.GridPos != nil {
				place = *row.GridPos
			}
		case panel.Panel != nil:
			if panel.Panel.Id != nil {
				id = *panel.Panel.Id
			}
			if panel.Panel.GridPos != nil {
				place = *panel.Panel.GridPos
			}
			title = text(panel.Panel.Title)
			for _, err := range checkPanel(*panel.Panel, known) {
				say("panel %q: %w", title, err)
			}
		}
		if title == "" {
			say("panel %d has no title", index)
		}
		if id == 0 || seen[id] {
			say("panel %q has no id of its own", title)
		}
		seen[id] = true
		if place.W == 0 || place.H == 0 || place.X+place.W > 24 {
			say("panel %q does not fit into 24 columns", title)
		}
		for _, other := range places {
			if place.X < other.X+other.W && other.X < place.X+place.W && place.Y < other.Y+other.H && other.Y < place.Y+place.H {
				say("panel %q lies on another", title)
			}
		}
		places = append(places, place)
	}
	if len(places) == 0 {
		say("there is no panel")
	}
	return problems
}

// What Grafana's own types do not keep, they do not know.
func lost(raw []byte, board dashboard.Dashboard) []error {
	var before, after any
	kept, err := json.Marshal(board)
	if err == nil {
		err = errors.Join(json.Unmarshal(raw, &before), json.Unmarshal(kept, &after))
	}
	if err != nil {
		return []error{err}
	}
	return differences("", before, after)
}

func differences(path string, before, after any) []error {
	problems := []error{}
	switch before := before.(type) {
	case map[string]any:
		// A panel is kept under the name of its kind.
		known, _ := after.(map[string]any)
		for _, kind := range []string{"Panel", "RowPanel"} {
			if inner, found := known[kind].(map[string]any); found {
				known = inner
			}
		}
		for key, value := range before {
			kept, found := known[key]
			if !found && !isEmpty(value) {
				problems = append(problems, fmt.Errorf("%s.%s: Grafana does not know it", path, key))
			} else if found {
				problems = append(problems, differences(path+"."+key, value, kept)...)
			}
		}
	case []any:
		known, _ := after.([]any)
		for index, value := range before {
			if index >= len(known) {
				problems = append(problems, fmt.Errorf("%s[%d]: Grafana does not keep it", path, index))
				continue
			}
			problems = append(problems, differences(fmt.Sprintf("%s[%d]", path, index), value, known[index])...)
		}
	default:
		if before != after {
			problems = append(problems, fmt.Errorf("%s: %v becomes %v", path, before, after))
		}
	}
	return problems
}

func isEmpty(value any) bool {
	switch value := value.(type) {
	case map[string]any:
		return len(value) == 0
	case []any:
		return len(value) == 0
	}
	return value == nil || value == false || value == "" || value == 0.0
}

func text(text *string) string {
	if text == nil {
		return ""
	}
	return *text
}

func checkPanel(panel dashboard.Panel, known map[string]bool) []error {
	problems := []error{}
	if _, found := cog.ConfigForPanelcfgVariant(panel.Type); !found {
		problems = append(problems, fmt.Errorf("Grafana has no panel %q", panel.Type))
	}
	if len(panel.Targets) == 0 {
		problems = append(problems, errors.New("it asks nothing"))
	}
	for _, target := range panel.Targets {
		query, ok := target.(prometheus.Dataquery)
		if pointer, is := target.(*prometheus.Dataquery); is {
			query, ok = *pointer, true
		}
		if !ok {
			problems = append(problems, fmt.Errorf("a query is none of Prometheus': %T", target))
			continue
		}
		if err := checkExpression(query.Expr, known); err != nil {
			problems = append(problems, err)
		}
	}
	return problems
}

var labelValues = regexp.MustCompile(`^label_values\((.*), *([a-zA-Z_][a-zA-Z0-9_]*)\)$`)

func checkVariable(variable dashboard.VariableModel, known map[string]bool) error {
	raw, err := json.Marshal(variable.Query)
	if err != nil {
		return err
	}
	var query string
	if err := json.Unmarshal(raw, &query); err != nil {
		return err
	}
	parts := labelValues.FindStringSubmatch(query)
	if parts == nil {
		return fmt.Errorf("no label_values(SERIES, LABEL): %s", query)
	}
	return checkExpression(parts[1], known)
}

var variables = regexp.MustCompile(`\$(\{[^}]*\}|[a-zA-Z_][a-zA-Z0-9_]*)`)

// A variable must be one of the dashboard's; what it stands for is put in, as Grafana would, before the expression is parsed.
func checkExpression(expression string, known map[string]bool) error {
	var unknown error
	filled := variables.ReplaceAllStringFunc(expression, func(found string) string {
		name := strings.Trim(found, "${}")
		if !known[name] {
			unknown = fmt.Errorf("unknown variable %s in %s", found, expression)
		}
		if strings.HasPrefix(name, "__") {
			return "5m"
		}
		return "value"
	})
	if unknown != nil {
		return unknown
	}
	if _, err := parser.NewParser(parser.Options{}).ParseExpr(filled); err != nil {
		return fmt.Errorf("%w in %s", err, expression)
	}
	return nil
}
