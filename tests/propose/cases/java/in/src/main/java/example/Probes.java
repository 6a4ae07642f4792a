package example;

class Probes {
    static final String LIVE = "/actuator/health";
    static final String READY = "/actuator/health/readiness";
}
