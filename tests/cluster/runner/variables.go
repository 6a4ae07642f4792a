package runner

import (
	"fmt"
	"regexp"
	"strings"
)

// variables are what `$(…)` stands for: texts, and lists that `$(…[*])` puts in as elements of their own.
type variables struct {
	texts map[string]string
	lists map[string][]string
}

func newVariables() variables {
	return variables{texts: map[string]string{}, lists: map[string][]string{}}
}

// param adds a parameter by the three ways to write its name.
func (v variables) param(name string, value any) {
	for _, key := range []string{"params." + name, `params["` + name + `"]`, "params['" + name + "']"} {
		switch value := value.(type) {
		case string:
			v.texts[key] = value
		case []any:
			var list []string
			for _, each := range value {
				text, _ := each.(string)
				list = append(list, text)
			}
			v.lists[key+"[*]"] = list
		case map[string]any:
			for field, each := range value {
				text, _ := each.(string)
				v.texts[key+"."+field] = text
			}
		}
	}
}

// result adds what a task gives, by the three ways to write its name: a text, or a list of texts.
func (v variables) result(task, name string, value any) {
	of := "tasks." + task + ".results"
	for _, key := range []string{of + "." + name, of + `["` + name + `"]`, of + "['" + name + "']"} {
		switch value := value.(type) {
		case string:
			v.texts[key] = value
		case []string:
			v.lists[key+"[*]"] = value
			for index, each := range value {
				v.texts[fmt.Sprintf("%s[%d]", key, index)] = each
			}
		}
	}
}

// list is the list that a text stands for as a whole.
func (v variables) list(value any) ([]string, bool) {
	text, is := value.(string)
	if !is || !strings.HasPrefix(text, "$(") || !strings.HasSuffix(text, ")") {
		return nil, false
	}
	elements, known := v.lists[text[2:len(text)-1]]
	return elements, known
}

var reference = regexp.MustCompile(`\$\([^()$]+\)`)

// put replaces what is known, once: a value is never read again. What is not known stays, as with Tekton.
func (v variables) put(value any) any {
	switch value := value.(type) {
	case string:
		if elements, is := v.list(value); is {
			list := []any{}
			for _, element := range elements {
				list = append(list, element)
			}
			return list
		}
		return reference.ReplaceAllStringFunc(value, func(found string) string {
			if text, known := v.texts[found[2:len(found)-1]]; known {
				return text
			}
			return found
		})
	case []any:
		var list []any
		for _, each := range value {
			if elements, is := v.list(each); is {
				for _, element := range elements {
					list = append(list, element)
				}
				continue
			}
			list = append(list, v.put(each))
		}
		return list
	case map[string]any:
		replaced := map[string]any{}
		for key, each := range value {
			replaced[key] = v.put(each)
		}
		return replaced
	}
	return value
}

// mentioned are the tasks whose results a value takes.
func mentioned(value any) []string {
	var found []string
	switch value := value.(type) {
	case string:
		for _, each := range reference.FindAllString(value, -1) {
			parts := strings.Split(each[2:len(each)-1], ".")
			if len(parts) > 3 && parts[0] == "tasks" && parts[2] == "results" {
				found = append(found, parts[1])
			}
		}
	case []any:
		for _, each := range value {
			found = append(found, mentioned(each)...)
		}
	case map[string]any:
		for _, each := range value {
			found = append(found, mentioned(each)...)
		}
	}
	return found
}
