//! Cron schedules, as Kubernetes parses them: github.com/robfig/cron v3, `parser.go`, `ParseStandard`.

/// The bounds of a field, and its names, of which the first stands for the lowest number.
type Field = (u32, u32, &'static [&'static str]);

const MONTHS: &[&str] =
    &["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
/// Sunday is 0, and only that.
const DAYS: &[&str] = &["sun", "mon", "tue", "wed", "thu", "fri", "sat"];

const FIELDS: [Field; 5] =
    [(0, 59, &[]), (0, 23, &[]), (1, 31, &[]), (1, 12, MONTHS), (0, 6, DAYS)];

/// Five fields, or one of cron's macros. (Kubernetes also takes `@every`, of which no two controllers agree when it runs.)
pub(super) fn is_schedule(text: &str) -> bool {
    let macros = ["@yearly", "@annually", "@monthly", "@weekly", "@daily", "@midnight", "@hourly"];
    let fields: Vec<&str> = text.split(' ').filter(|field| !field.is_empty()).collect();
    let holds =
        |(field, bounds): (&&str, Field)| field.split(',').all(|part| is_range(part, bounds));
    let is_one = fields.len() == 5 && fields.iter().zip(FIELDS).all(holds);
    macros.contains(&text) || is_one && comes(&fields)
}

/// Whether a day of these ever comes: Kubernetes takes `0 0 31 2 *` and never starts anything. A day of the week makes every month
/// possible, since cron then takes either.
fn comes(fields: &[&str]) -> bool {
    const LONGEST: [u32; 12] = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    let [_, _, days, months, weekdays] = fields else { return true };
    let numbers = |field: &str, bounds: Field| -> Vec<u32> {
        field.split(',').flat_map(|part| of_range(part, bounds)).collect()
    };
    if !matches!(*weekdays, "*" | "?") {
        return true;
    }
    let first = numbers(days, FIELDS[2]).into_iter().min().unwrap_or(1);
    let months = numbers(months, FIELDS[3]);
    months.iter().any(|month| LONGEST[*month as usize - 1] >= first)
}

/// The numbers of a range that [`is_range`] holds for.
fn of_range(part: &str, (low, high, names): Field) -> Vec<u32> {
    let (range, step) =
        part.split_once('/').map_or((part, None), |(range, step)| (range, Some(step)));
    let number = |text: &str| {
        let word = text.to_ascii_lowercase();
        let by_name = names.iter().zip(low..).find(|(name, _)| **name == word).map(|(_, n)| n);
        by_name.or_else(|| text.parse().ok()).unwrap_or(low)
    };
    let (from, to) = match range.split_once('-') {
        _ if matches!(range, "*" | "?") => (low, high),
        Some((from, to)) => (number(from), number(to)),
        None if step.is_some() => (number(range), high),
        None => (number(range), number(range)),
    };
    let step = step.and_then(|step| step.parse().ok()).unwrap_or(1);
    (from..=to).step_by(step).collect()
}

/// `*`, `?`, a number, a name or a range of them, each with a step.
fn is_range(part: &str, (low, high, names): Field) -> bool {
    let (range, step) = part.split_once('/').map_or((part, "1"), |(range, step)| (range, step));
    let number = |text: &str| {
        let word = text.to_ascii_lowercase();
        let by_name = names.iter().zip(low..).find(|(name, _)| **name == word).map(|(_, n)| n);
        by_name.or_else(|| is_digits(text).then(|| text.parse().ok())?)
    };
    let (from, to) = match range.split_once('-') {
        _ if matches!(range, "*" | "?") => (Some(low), Some(high)),
        Some((from, to)) => (number(from), number(to)),
        None => (number(range), number(range)),
    };
    let in_bounds = from.zip(to).is_some_and(|(from, to)| low <= from && from <= to && to <= high);
    in_bounds && is_digits(step) && step.parse::<u32>().is_ok_and(|step| step > 0)
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::is_schedule;

    #[test]
    fn schedules_are_those_of_kubernetes() {
        let good = [
            "0 0 29 2 *",
            "0 0 31 2 mon",
            "0 0 31 */2 *",
            "0 0 30,31 2-3 ?",
            "30 2 * * *",
            "*/5 * * * *",
            "0 0 1,15 * mon-fri",
            "@daily",
            "0 12 ? * *",
            "*/90 * * * *",
            "0 0 * JAN sun",
            "5/15 * * * *",
            "00 02 * * *",
            "0 0 * * 0-6/2",
        ];
        for text in good {
            assert!(is_schedule(text), "{text}");
        }
        let bad = [
            "",
            "0 0 31 2 *",
            "0 0 30 feb ?",
            "0 0 31 4,6 *",
            "* * * *",
            "60 * * * *",
            "* * * * * *",
            "a b c d e",
            "@reboot",
            "*/0 * * * *",
            "0 3 * * 7",
            "0 0 * * 0-7",
            "0 22-6 * * *",
            "0 0 * * fri-mon",
            "0 0 * mon *",
            "jan 0 * * *",
            "0 0 * * mon-7",
            "TZ=UTC 0 0 * * *",
            "0 0 * * 1-",
            "+1 * * * *",
            "1//2 * * * *",
            "1,,2 * * * *",
        ];
        for text in bad {
            assert!(!is_schedule(text), "{text}");
        }
    }
}
