fn main() {
    let app = Router::new().route("/healthz", get(ok)).route("/-/ready", get(ok));
    serve(app);
}

#[cfg(test)]
mod tests {
    #[test]
    fn adds_up() {
        assert_eq!(1 + 1, 2);
    }
}
