package runner

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
)

// combination is what one run of a task with a matrix is given.
type combination map[string]string

// all are a matrix' parameters, wherever they stand.
func (m *matrix) all() []param {
	if m == nil {
		return nil
	}
	all := slices.Clone(m.Params)
	for _, include := range m.Include {
		all = append(all, include.Params...)
	}
	return all
}

// fanOut works out the combinations in the order in which Tekton numbers them (its pkg/apis/pipeline/v1/matrix_types.go).
// One of `include` adds its values to each combination of the lists that agrees with it in all that both have; where it has
// no value in common with any of them, it is one more.
func (m *matrix) fanOut(values variables) []combination {
	var included []combination
	for _, include := range m.Include {
		own := combination{}
		for _, each := range include.Params {
			own[each.Name], _ = values.put(each.Value).(string)
		}
		included = append(included, own)
	}
	if len(m.Params) == 0 {
		return included
	}
	found := []combination{{}}
	for _, each := range m.Params {
		var wider []combination
		list, _ := values.put(each.Value).([]any)
		for _, element := range list {
			for _, narrow := range found {
				one := maps.Clone(narrow)
				one[each.Name], _ = element.(string)
				wider = append(wider, one)
			}
		}
		found = wider
	}
	if len(found) == 0 {
		return nil
	}
	for _, one := range found {
		for _, own := range included {
			if one.agrees(own) {
				maps.Copy(one, own)
			}
		}
	}
	for _, own := range included {
		if !slices.ContainsFunc(found, own.meets) {
			found = append(found, own)
		}
	}
	return found
}

func (c combination) agrees(other combination) bool {
	for name, value := range other {
		if own, has := c[name]; has && own != value {
			return false
		}
	}
	return true
}

func (c combination) meets(other combination) bool {
	for name, value := range c {
		if own, has := other[name]; has && own == value {
			return true
		}
	}
	return false
}

// spread runs a task with each combination at the same time. It has failed when one of them has; each of its results is
// the list of theirs, in the order of the TaskRuns' names.
func (r *run) spread(ctx context.Context, each pipelineTask, combinations []combination) state {
	ends := map[string]state{}
	var mutex sync.Mutex
	var all sync.WaitGroup
	for index, given := range combinations {
		one, name := each, r.childName(each.Name)
		if len(combinations) > 1 {
			name = r.childName(fmt.Sprintf("%s-%d", each.Name, index))
		}
		one.Params = slices.Clone(each.Params)
		for key, value := range given {
			one.Params = append(one.Params, param{key, value})
		}
		all.Go(func() {
			ended := r.tried(ctx, one, name)
			mutex.Lock()
			defer mutex.Unlock()
			ends[name] = ended
		})
	}
	all.Wait()
	together := state{outcome: "Succeeded", results: map[string]any{}}
	for _, name := range slices.SortedFunc(maps.Keys(ends), strings.Compare) {
		if outcome := ends[name].outcome; outcome == "Failed" || together.outcome == "Succeeded" {
			together.outcome = outcome
		}
		for result, value := range ends[name].results {
			if text, is := value.(string); is {
				before, _ := together.results[result].([]string)
				together.results[result] = append(before, text)
			}
		}
	}
	return together
}
