package runner

import (
	"context"
	"fmt"
	"slices"
)

// all runs the tasks as their order allows, then those at the end, whatever became of the others.
func (r *run) all(ctx context.Context) error {
	ended := make(chan end)
	running := 0
	for {
		for _, each := range r.pipeline.Tasks {
			if !r.ready(each) {
				continue
			}
			started, err := r.start(ctx, each, ended)
			if err != nil {
				return err
			}
			if started {
				running++
			}
		}
		if running == 0 {
			break
		}
		r.take(<-ended)
		running--
		if ctx.Err() != nil {
			for ; running > 0; running-- {
				r.take(<-ended)
			}
			return ctx.Err()
		}
	}
	r.values.texts["tasks.status"] = r.together()
	for _, each := range r.pipeline.Tasks {
		word := r.states[each.Name].outcome
		if word != "Succeeded" && word != "Failed" {
			word = map[string]string{"ignored": "Failed"}[word]
		}
		if word == "" {
			word = "None"
		}
		r.values.texts["tasks."+each.Name+".status"] = word
	}
	for _, each := range r.pipeline.Finally {
		started, err := r.start(ctx, each, ended)
		if err != nil {
			return err
		}
		if started {
			running++
		}
	}
	for ; running > 0; running-- {
		r.take(<-ended)
	}
	return nil
}

// ready tells whether a task's turn has come: all before it have ended, and nothing has failed.
func (r *run) ready(each pipelineTask) bool {
	if _, known := r.states[each.Name]; known {
		return false
	}
	for _, state := range r.states {
		if state.outcome == "Failed" {
			return false
		}
	}
	for _, before := range append(slices.Clone(each.RunAfter), r.takes(each)...) {
		if state, known := r.states[before]; !known || state.outcome == "running" {
			return false
		}
	}
	return true
}

// takes names the tasks whose results a task takes.
func (r *run) takes(each pipelineTask) []string {
	var found []string
	for _, param := range each.Params {
		found = append(found, mentioned(param.Value)...)
	}
	for _, when := range each.When {
		found = append(found, mentioned(when.Input)...)
		found = append(found, mentioned(when.Values)...)
	}
	for _, param := range each.Matrix.all() {
		found = append(found, mentioned(param.Value)...)
	}
	return found
}

// start begins a task, or passes over it.
func (r *run) start(ctx context.Context, each pipelineTask, ended chan<- end) (bool, error) {
	for _, from := range r.takes(each) {
		if word := r.states[from].outcome; word != "Succeeded" && (word != "Failed" || !r.atEnd(each)) {
			r.skip(each, "Results were missing")
			return false, nil
		}
	}
	for _, when := range each.When {
		input, _ := r.values.put(when.Input).(string)
		values, _ := r.values.put(when.Values).([]any)
		if slices.Contains(values, any(input)) != (when.Operator == "in") {
			r.skip(each, "When Expressions evaluated to false")
			return false, nil
		}
	}
	for index := range each.Params {
		each.Params[index].Value = r.values.put(each.Params[index].Value)
	}
	for _, param := range append(slices.Clone(each.Params), each.Matrix.all()...) {
		if from := mentioned(r.values.put(param.Value)); len(from) > 0 {
			// What failed before it gave its result is passed over at the end.
			if r.atEnd(each) {
				r.skip(each, "Results were missing")
				return false, nil
			}
			return false, failure{"InvalidTaskResultReference", fmt.Sprintf("invalid result reference in pipeline task %q: no such result of %q", each.Name, from[0])}
		}
	}
	if each.Matrix == nil {
		r.states[each.Name] = state{outcome: "running"}
		go func() { ended <- end{each.Name, r.tried(ctx, each, r.childName(each.Name))} }()
		return true, nil
	}
	combinations := each.Matrix.fanOut(r.values)
	if len(combinations) == 0 {
		r.skip(each, "Matrix Parameters have an empty array")
		return false, nil
	}
	r.states[each.Name] = state{outcome: "running"}
	go func() { ended <- end{each.Name, r.spread(ctx, each, combinations)} }()
	return true, nil
}

// atEnd tells whether a task is one of those in `finally`.
func (r *run) atEnd(each pipelineTask) bool {
	return slices.ContainsFunc(r.pipeline.Finally, func(last pipelineTask) bool { return last.Name == each.Name })
}

// take notes what became of a task, and what it gives to others.
func (r *run) take(ended end) {
	r.states[ended.task] = ended.state
	for result, value := range ended.state.results {
		r.values.result(ended.task, result, value)
	}
}

func (r *run) skip(each pipelineTask, why string) {
	r.states[each.Name] = state{outcome: "skipped"}
	r.mutex.Lock()
	defer r.mutex.Unlock()
	r.skipped = append(r.skipped, map[string]any{"name": each.Name, "reason": why})
}

// together is what `$(tasks.status)` says.
func (r *run) together() string {
	word := "Succeeded"
	for _, each := range r.pipeline.Tasks {
		switch r.states[each.Name].outcome {
		case "Failed":
			return "Failed"
		case "Succeeded":
		default:
			word = "Completed"
		}
	}
	return word
}

// close says what became of a run that has run its tasks.
func (r *run) close(fields map[string]any) {
	failed, ignored, done, passed := 0, 0, 0, 0
	for _, each := range append(slices.Clone(r.pipeline.Tasks), r.pipeline.Finally...) {
		switch r.states[each.Name].outcome {
		case "ignored":
			ignored++
			failed++
			done++
		case "Failed":
			failed++
			done++
		case "Succeeded":
			done++
		default:
			passed++
		}
	}
	broken := false
	for _, state := range r.states {
		broken = broken || state.outcome == "Failed"
	}
	message := fmt.Sprintf("Tasks Completed: %d (Failed: %d, Cancelled 0), Skipped: %d", done, failed, passed)
	if ignored > 0 {
		message = fmt.Sprintf("Tasks Completed: %d (Failed: %d (Ignored: %d), Cancelled 0), Skipped: %d", done, failed, ignored, passed)
	}
	var results []any
	for _, each := range r.pipeline.Results {
		if value := r.values.put(each.Value); len(mentioned(value)) == 0 {
			results = append(results, map[string]any{"name": each.Name, "value": value})
		}
	}
	if len(results) > 0 {
		fields["results"] = results
	}
	switch {
	case broken:
		r.status(fields, "False", "Failed", message)
	case passed > 0:
		r.status(fields, "True", "Completed", message)
	default:
		r.status(fields, "True", "Succeeded", message)
	}
}
