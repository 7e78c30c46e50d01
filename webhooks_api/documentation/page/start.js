// A file of its own, for the page's Content-Security-Policy takes no script that stands in the page.
window.ui = SwaggerUIBundle({
  url: "/api/openapi.json",
  dom_id: "#swagger-ui",
  deepLinking: true,
  validatorUrl: null, // by itself it would show the document's URL to validator.swagger.io
});
