package io.signalbox.gateway.http;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import io.vertx.ext.web.RoutingContext;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;

/** The API's document and a page to read it. Nothing is loaded from elsewhere. */
final class DocsRoutes {
    private static final Map<String, String> TYPES = Map.of(
            "swagger-ui-bundle.js", "text/javascript",
            "swagger-ui.css", "text/css",
            "docs.js", "text/javascript",
            "openapi.json", "application/json",
            "docs.html", "text/html");

    private static final String POLICY = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline';"
            + " img-src 'self' data:; connect-src 'self'; frame-ancestors 'none'; base-uri 'none'";

    private static final Buffer PAGE = read("/io/signalbox/gateway/http/docs.html");
    private static final Buffer SCRIPT = read("/io/signalbox/gateway/http/docs.js");
    private static final Buffer DOCUMENT = read("/io/signalbox/gateway/http/openapi.json");
    private static final Map<String, Buffer> LIBRARY = library();

    private static Map<String, Buffer> library() {
        String home = "/META-INF/resources/webjars/swagger-ui/" + libraryVersion() + "/";
        return Map.of(
                "swagger-ui-bundle.js", read(home + "swagger-ui-bundle.js"),
                "swagger-ui.css", read(home + "swagger-ui.css"));
    }

    List<ApiRoute> routes() {
        return List.of(
                ApiRoute.open(HttpMethod.GET, "/v1/openapi.json", request -> answer(request, "openapi.json", DOCUMENT)),
                ApiRoute.open(HttpMethod.GET, "/docs", request -> answer(request, "docs.html", PAGE)),
                ApiRoute.open(HttpMethod.GET, "/docs/{file}", this::file));
    }

    private void file(RoutingContext request) {
        String name = request.pathParam("file");
        Optional<Buffer> content =
                name.equals("docs.js") ? Optional.of(SCRIPT) : Optional.ofNullable(LIBRARY.get(name));
        content.ifPresentOrElse(found -> answer(request, name, found), request::next);
    }

    private static void answer(RoutingContext request, String name, Buffer content) {
        request.response()
                .putHeader("Content-Type", TYPES.get(name) + "; charset=utf-8")
                .putHeader("Content-Security-Policy", POLICY)
                .putHeader("X-Content-Type-Options", "nosniff")
                .end(content);
    }

    private static String libraryVersion() {
        Properties properties = new Properties();
        try (InputStream in = open("/META-INF/maven/org.webjars/swagger-ui/pom.properties")) {
            properties.load(in);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return properties.getProperty("version");
    }

    private static Buffer read(String resource) {
        try (InputStream in = open(resource)) {
            return Buffer.buffer(in.readAllBytes());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static InputStream open(String resource) {
        return Optional.ofNullable(DocsRoutes.class.getResourceAsStream(resource))
                .orElseThrow(() -> new IllegalStateException("resource " + resource + " is missing"));
    }
}
